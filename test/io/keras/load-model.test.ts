import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { loadModel } from '../../../lib/index.js';
import { sizeOf } from '../../../lib/tensor/shapes.js';
import { expectError } from '../../support/convforge-error.js';
import { CASES, checkLosses, checkOutputs, namesWith, OPTIMIZERS, readJson, type Values } from './cases.js';

interface Case {
  files: { path: string; holds?: string[]; outputs?: Values[] }[];
  inputs: Values[];
  moreInputs?: { inputs: Values[]; outputs: Values[] }[];
  outputs: Values[];
  layers: string[];
  params: { total: number; trainable: number };
  tolerance: number;
  training?: { targets: Values[]; losses: number[]; outputsAfter?: Values[] };
  error?: { kind: string; mentions: string[] };
}

function casesIn(folder: string): [string, Case, Case['files'][number]][] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => readJson<Case>(join(folder, name)))
    .flatMap((each) =>
      each.files
        .filter(
          ({ path }) =>
            /\.(keras|h5)$/.test(path) && !/weights\.h5$/.test(path) && existsSync(join(folder, path)),
        )
        .map((file): [string, Case, Case['files'][number]] => [file.path, each, file]),
    );
}

describe.each(casesIn(CASES))(
  '%s',
  (path, { inputs, outputs, moreInputs = [], layers, params, tolerance, training }, file) => {
    it("predicts as Keras does, and has Keras's layers", async () => {
      const model = await loadModel(join(CASES, path));
      checkOutputs(model, inputs, file.outputs ?? outputs, tolerance);
      for (const more of moreInputs) checkOutputs(model, more.inputs, more.outputs, tolerance);
      const names = model.layers.map(({ name }) => name);
      expect(names.filter((name) => layers.includes(name))).toEqual(layers);
      // Keras doesn't list a Sequential's InputLayer, nor `x + y`, which is a layer here.
      expect(names.length - layers.length).toBeLessThanOrEqual(1);
      // Mean, variance and count of a Normalization are no weights here.
      const adapted = path === 'preprocessing.keras' ? 7 : 0;
      expect(model.countParams()).toBe(params.total - adapted);
      const trained = model.layers
        .flatMap((layer) => layer.weightParts.trainable)
        .reduce((sum, { spec }) => sum + sizeOf(spec.shape), 0);
      expect(trained).toBe(params.trainable);
    });

    it.runIf(training && file.holds?.includes('optimizer'))("goes on with Keras's losses", async () => {
      const model = await loadModel(readFileSync(join(CASES, path)));
      const { targets, losses, outputsAfter } = training as NonNullable<typeof training>;
      await checkLosses(model, inputs, targets, losses);
      if (outputsAfter) checkOutputs(model, inputs, outputsAfter, 1e-3);
    });
  },
);

interface TrainedCase {
  inputs: Values;
  targets: Values;
  outputs: Values;
  losses: number[];
  outputsAfter: Values;
}

it.each(namesWith(OPTIMIZERS, '.keras'))('goes on as Keras does: %s', async (name) => {
  const { inputs, targets, outputs, losses, outputsAfter } = readJson<TrainedCase>(
    join(OPTIMIZERS, `${name}.json`),
  );
  const model = await loadModel(join(OPTIMIZERS, `${name}.keras`));
  checkOutputs(model, [inputs], [outputs], 1e-5);
  await checkLosses(model, [inputs], [targets], losses);
  checkOutputs(model, [inputs], [outputsAfter], 1e-4);
});

describe.each(casesIn(join(CASES, 'refused')))('refused/%s', (path, { error }) => {
  it('is refused, naming the place', async () => {
    const code = error?.kind === 'corrupt' ? 'CORRUPT_FILE' : 'UNSUPPORTED';
    const words = (error?.mentions ?? []).map((word) => `(?=[^]*${word})`).join('');
    await expectError(() => loadModel(join(CASES, 'refused', path)), code, new RegExp(words));
  });
});

it('tells once that mixed precision is computed in float32', async () => {
  const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
  await loadModel(join(CASES, 'mixed_float16.keras'));
  expect(warned.mock.calls.length).toBe(1);
  expect(warned.mock.calls[0][0]).toMatch(/mixed_float16\.keras: the model has the policy mixed_float16/);
  warned.mockRestore();
});

it('refuses what is neither a location nor bytes', async () => {
  const refuse = (source: unknown) => loadModel(source as string);
  await expectError(() => refuse(5), 'INVALID_ARGUMENT', /loadModel: 5 is not a location/);
  await expectError(() => refuse(null), 'INVALID_ARGUMENT', /loadModel: null/);
  await expectError(() => refuse(Uint8Array.of(1, 2, 3)), 'CORRUPT_FILE', /loadModel\(bytes\)/);
});
