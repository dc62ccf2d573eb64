import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { layers, sequential, tensor } from '../../lib/index.js';
import { saveModel } from '../../lib/io/save-model.js';
import { loadLayersModel } from '../../lib/models/load-layers-model.js';
import type { Shape } from '../../lib/program/description.js';
import { expectError } from '../support/convforge-error.js';

const weights = (layer: layers.Layer, inputShape: Shape) =>
  layer.weightSpecs(inputShape).map(({ name, shape, trainable = true }) => [name, shape, trainable]);

describe('batchNormalization', () => {
  it('has gamma, beta and non-trainable moving statistics per channel', () => {
    const layer = layers.batchNormalization();
    expect(layer.computeOutputShape([5, 4, 3])).toEqual([5, 4, 3]);
    expect(weights(layer, [5, 4, 3])).toEqual([
      ['gamma', [3], true],
      ['beta', [3], true],
      ['moving_mean', [3], false],
      ['moving_variance', [3], false],
    ]);
    const bare = layers.batchNormalization({ center: false, scale: false });
    expect(weights(bare, [7]).map(([name]) => name)).toEqual(['moving_mean', 'moving_variance']);
  });

  it("has Keras's defaults", () => {
    const { axis, momentum, epsilon, center, scale } = layers.batchNormalization();
    expect({ axis, momentum, epsilon, center, scale }).toEqual({
      axis: -1,
      momentum: 0.99,
      epsilon: 1e-3,
      center: true,
      scale: true,
    });
    const model = sequential({ layers: [layers.batchNormalization({ inputShape: [2] })] });
    expect(model.getWeights().map((each) => Array.from(each.dataSync()))).toEqual([
      [1, 1],
      [0, 0],
      [0, 0],
      [1, 1],
    ]);
  });

  it('accepts only the last axis', async () => {
    for (const axis of [-1, 3, [3]])
      expect(layers.batchNormalization({ axis }).computeOutputShape([5, 4, 3])).toEqual([5, 4, 3]);
    await expectError(
      () => layers.batchNormalization({ axis: 1, name: 'b' }).computeOutputShape([5, 4, 3]),
      'UNSUPPORTED',
      /^b: axis is 1, but channels are the last axis of an input 5x4x3/,
    );
    await expectError(
      () => layers.batchNormalization({ axis: [1, 2] }),
      'INVALID_ARGUMENT',
      /axis is \[1, 2\]/,
    );
  });

  it('refuses options out of range', async () => {
    await expectError(() => layers.batchNormalization({ momentum: 2 }), 'INVALID_ARGUMENT', /momentum is 2/);
    await expectError(() => layers.batchNormalization({ epsilon: 0 }), 'INVALID_ARGUMENT', /epsilon is 0/);
    await expectError(
      () => layers.batchNormalization({ momentun: 0.9 } as object),
      'UNKNOWN_OPTION',
      /did you mean 'momentum'/,
    );
  });

  const x = tensor([1, 2, 3, 4, 5, 9], [3, 2]);
  const small = (trainable: boolean) => {
    const model = sequential({
      layers: [
        layers.batchNormalization({ momentum: 0.5, inputShape: [2], name: 'norm', trainable }),
        layers.dense({ units: 1 }),
      ],
    });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    return model;
  };

  it('updates its statistics in fit, but not in evaluate and predict', async () => {
    const model = small(true);
    await model.fit(x, tensor([1, 2, 3], [3, 1]), { batchSize: 3, epochs: 1 });
    const moved = model.layers[0].getWeights().map((each) => Array.from(each.dataSync()));
    expect(moved[2]).toEqual([1.5, 2.5]);
    // Halves of 1 and of the variances 8/3 and 26/3.
    expect(moved[3][0]).toBeCloseTo(11 / 6, 6);
    expect(moved[3][1]).toBeCloseTo(29 / 6, 5);
    expect(moved[0]).not.toEqual([1, 1]);
    await model.evaluate(x, tensor([1, 2, 3], [3, 1]));
    await model.predict(x);
    expect(model.layers[0].getWeights().map((each) => Array.from(each.dataSync()))).toEqual(moved);
  });

  it('keeps all its weights when frozen', async () => {
    const model = small(false);
    await model.fit(x, tensor([1, 2, 3], [3, 1]), { batchSize: 3, epochs: 2 });
    expect(model.layers[0].getWeights().map((each) => Array.from(each.dataSync()))).toEqual([
      [1, 1],
      [0, 0],
      [0, 0],
      [1, 1],
    ]);
  });

  it('is saved with trainable weights first, and loaded', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'convforge-norm-'));
    try {
      const model = small(true);
      await model.fit(x, tensor([1, 2, 3], [3, 1]), { batchSize: 2, epochs: 2 });
      await saveModel(model, folder, { includeOptimizer: true });
      const json = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8'));
      const names = json.weightsManifest[0].weights.map(({ name }: { name: string }) =>
        name.split('/').slice(-2).join('/'),
      );
      expect(names.slice(0, 6)).toEqual([
        'norm/gamma',
        'norm/beta',
        expect.stringMatching(/^dense.*kernel$/),
        expect.stringMatching(/^dense.*bias$/),
        'norm/moving_mean',
        'norm/moving_variance',
      ]);
      const again = await loadLayersModel(folder);
      const values = (each: typeof again) => each.getWeights().map((weight) => Array.from(weight.dataSync()));
      expect(values(again)).toEqual(values(model as unknown as typeof again));
      expect(Array.from(again.predict(x).dataSync())).toEqual(Array.from(model.predict(x).dataSync()));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('groupNormalization', () => {
  it('has gamma and beta per channel', () => {
    expect(weights(layers.groupNormalization(), [4, 64])).toEqual([
      ['gamma', [64], true],
      ['beta', [64], true],
    ]);
    expect(layers.groupNormalization({ groups: -1 }).computeOutputShape([2, 3])).toEqual([2, 3]);
  });

  it('normalizes each group of each sample to mean 0 and variance 1', async () => {
    const run = (groups: number) => {
      const layer = layers.groupNormalization({ groups, epsilon: 1e-9, inputShape: [2, 2] });
      return Array.from(
        sequential({ layers: [layer] })
          .predict(
            tensor([
              [
                [1, 2],
                [3, 6],
              ],
            ]),
          )
          .dataSync(),
      );
    };
    for (const [i, value] of [-1, -1, 1, 1].entries()) expect(run(-1)[i]).toBeCloseTo(value, 5);
    const deviation = Math.sqrt(3.5);
    for (const [i, value] of [-2, -1, 0, 3].entries()) expect(run(1)[i]).toBeCloseTo(value / deviation, 5);
  });

  it("refuses 0 groups, and groups that don't divide the channels", async () => {
    await expectError(
      () => layers.groupNormalization({ name: 'g' }).computeOutputShape([8, 8, 48]),
      'SHAPE_MISMATCH',
      /^g: 48 channels can't be divided into 32 groups/,
    );
    for (const groups of [0, -2, 1.5])
      await expectError(() => layers.groupNormalization({ groups }), 'INVALID_ARGUMENT', /groups is/);
    await expectError(
      () => layers.groupNormalization({ axis: 1 }).computeOutputShape([8, 8, 32]),
      'UNSUPPORTED',
      /axis is 1/,
    );
  });
});

describe('layerNormalization', () => {
  it('has gamma and beta of the shape of its axes', () => {
    expect(weights(layers.layerNormalization(), [4, 6])).toEqual([
      ['gamma', [6], true],
      ['beta', [6], true],
    ]);
    for (const axis of [
      [1, 2, 3],
      [-1, -2, -3],
      [2, 1, -1],
    ])
      expect(weights(layers.layerNormalization({ axis, center: false }), [4, 6, 2])).toEqual([
        ['gamma', [4, 6, 2], true],
      ]);
  });

  it('normalizes each row to mean 0 and variance 1, then scales by gamma', () => {
    const layer = layers.layerNormalization({ axis: [1, 2], epsilon: 1e-9, inputShape: [2, 2] });
    const model = sequential({ layers: [layer] });
    layer.setWeights([
      tensor([
        [1, 2],
        [3, 4],
      ]),
      tensor([
        [0, 0],
        [0, 1],
      ]),
    ]);
    const y = model
      .predict(
        tensor([
          [
            [1, 2],
            [3, 6],
          ],
        ]),
      )
      .dataSync();
    for (const [i, value] of [-2, -2, 0, 12].entries())
      expect(y[i]).toBeCloseTo(value / Math.sqrt(3.5) + (i === 3 ? 1 : 0), 5);
  });

  it('refuses axes other than the last', async () => {
    for (const axis of [1, [1, 2], [0, 1, 2, 3], [-1, -1], [5]]) {
      await expectError(
        () => layers.layerNormalization({ axis, name: 'l' }).computeOutputShape([4, 6, 2]),
        'UNSUPPORTED',
        /^l: axis is .*must be the last axes of an input 4x6x2/,
      );
    }
    await expectError(() => layers.layerNormalization({ axis: [] }), 'INVALID_ARGUMENT', /axis is \[\]/);
  });
});
