import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { layers } from '../../../lib/index.js';
import { innermost, type Model, modelsWithin } from '../../../lib/network/model.js';
import { fileHash } from './file-hash.js';
import { layerCases } from './layer-cases.js';
import { writtenCases } from './written-case.js';

interface Answer {
  hash: string;
  outputs: { name: string; shape: number[]; values: number[] }[];
}

/** What onnxruntime computes from the files whose hashes it has. */
const ANSWERS = JSON.parse(readFileSync(join(__dirname, 'fixtures/answers.json'), 'utf8')) as Record<
  string,
  Answer
>;

const RENEW = 'The file has changed: run scripts/golden/onnx-written/main.ts, which runs it in onnxruntime.';

describe('an ONNX file of a model with', () => {
  it.each(writtenCases())(
    '$name is the one that onnxruntime computes alike',
    async ({ name, write, predict }) => {
      const { hash, outputs } = ANSWERS[name];
      expect(fileHash(await write()), RENEW).toBe(hash);
      const ours = await predict();
      expect(ours.map(({ shape }) => shape)).toEqual(outputs.map(({ shape }) => shape));
      for (const [i, { values }] of outputs.entries()) {
        const all = [...ours[i].dataSync()];
        const range = Math.max(...all) - Math.min(...all) || 1;
        for (const [k, value] of values.entries())
          expect(Math.abs(all[k] - value)).toBeLessThan(1e-5 * range);
      }
    },
  );
});

test('each layer is in a case', () => {
  const used = new Set(
    layerCases().flatMap(({ model }) =>
      [...modelsWithin(model as unknown as Model)].flatMap((each) =>
        each.layers.flatMap((layer) => [layer.getClassName(), innermost(layer).getClassName()]),
      ),
    ),
  );
  const classes = Object.values(layers)
    .map((each) => (each as { className?: string }).className)
    .filter((name): name is string => name !== undefined && name !== 'Layer');
  expect(classes.filter((name) => !used.has(name))).toEqual([]);
});
