import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type LayersModel, loadModel, type PendingTensors, tensor } from '../../../lib/index.js';
import { sizeOf } from '../../../lib/tensor/shapes.js';
import { expectError } from '../../support/convforge-error.js';

/** Files that Keras wrote, with Keras's answers. cases/make.py made them. */
const CASES = join(__dirname, 'cases');

interface Values {
  shape: number[];
  values: number[];
}

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

const readCase = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Case;

function casesIn(folder: string): [string, Case, Case['files'][number]][] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => readCase(join(folder, name)))
    .flatMap((each) =>
      each.files
        .filter(({ path }) => /\.(keras|h5)$/.test(path) && existsSync(join(folder, path)))
        .map((file): [string, Case, Case['files'][number]] => [file.path, each, file]),
    );
}

const tensors = (given: Values[]) => {
  const [first, ...rest] = given.map(({ shape, values }) => tensor(values, shape));
  return rest.length > 0 ? [first, ...rest] : first;
};

function checkOutputs(model: LayersModel, inputs: Values[], outputs: Values[], tolerance: number): void {
  const given = [model.predict<PendingTensors>(tensors(inputs))].flat();
  expect(given.length).toBe(outputs.length);
  for (const [i, { shape, values }] of outputs.entries()) {
    expect(given[i].shape).toEqual(shape);
    const got = given[i].dataSync();
    const most = Math.max(1, ...values.map(Math.abs)) * tolerance;
    expect(Math.max(...values.map((value, j) => Math.abs(value - got[j])))).toBeLessThan(most);
  }
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
      for (const loss of losses) {
        const [own] = [await model.trainOnBatch(tensors(inputs), tensors(targets))].flat();
        expect(Math.abs(own - loss)).toBeLessThan(1e-4 * Math.max(1, loss));
      }
      if (outputsAfter) checkOutputs(model, inputs, outputsAfter, 1e-3);
    });
  },
);

describe.each(casesIn(join(CASES, 'refused')))('refused/%s', (path, { error }) => {
  it('is refused, naming the place', async () => {
    const code = error?.kind === 'corrupt' ? 'CORRUPT_FILE' : 'UNSUPPORTED';
    const words = (error?.mentions ?? []).map((word) => `(?=[^]*${word})`).join('');
    await expectError(() => loadModel(join(CASES, 'refused', path)), code, new RegExp(words));
  });
});

it('refuses what is neither a location nor bytes', async () => {
  const refuse = (source: unknown) => loadModel(source as string);
  await expectError(() => refuse(5), 'INVALID_ARGUMENT', /loadModel: 5 is not a location/);
  await expectError(() => refuse(null), 'INVALID_ARGUMENT', /loadModel: null/);
  await expectError(() => refuse(Uint8Array.of(1, 2, 3)), 'CORRUPT_FILE', /loadModel\(bytes\)/);
});
