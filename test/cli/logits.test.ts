import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';
import { makePhotos, moduleOfNetwork } from './make-data.js';
import { runCli } from './run-cli.js';

const path = temporaryFolder();

it.each([
  ['softmax', 3, 'sparseCategoricalCrossentropy'],
  ['sigmoid', 1, 'binaryCrossentropy'],
])(
  'a model without its %s is trained, evaluated and used for predictions as one with it',
  async (activation, units, loss) => {
    const photos = await makePhotos(path('photos'), 6, units === 1 ? ['blue', 'red'] : undefined);
    const results = [];
    for (const last of [`units: ${units}, activation: '${activation}'`, `units: ${units}`]) {
      const module = moduleOfNetwork('mjs').replace("units: classes, activation: 'softmax'", last);
      writeFileSync(path('network.mjs'), module);
      const data = ['--data', photos, '--image-size', '8'];
      const rest = ['--epochs', '8', '--seed', '5', '--learning-rate', '0.01', '--no-report'];
      const trained = await runCli(['train', path('network.mjs'), ...data, ...rest, '--out', path('out')]);
      const evaluated = await runCli(['evaluate', path('out/model'), '--data', photos, '--json']);
      const predicted = await runCli(['predict', path('out/model'), path('photos/red/1.png'), '--json']);
      expect([trained.err, evaluated.err, predicted.err]).toEqual(['', '', '']);
      const { loss: value, acc } = JSON.parse(evaluated.out);
      const probabilities = JSON.parse(predicted.out)[0].classes.map(
        ({ probability }: { probability: number }) => probability,
      );
      results.push({ said: trained.out, numbers: [value, acc, ...probabilities] });
    }
    const [squashed, logits] = results;
    expect(squashed.said).toContain(
      `mine isn't compiled: it is compiled for classification with Adam, ${loss} and`,
    );
    expect(logits.said).toContain(`with Adam, ${loss} of logits and accuracy\n`);
    expect(logits.numbers).toHaveLength(2 + Math.max(units, 2));
    for (const [i, number] of logits.numbers.entries()) expect(number).toBeCloseTo(squashed.numbers[i], 5);
    expect(logits.numbers.slice(2).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
  },
);
