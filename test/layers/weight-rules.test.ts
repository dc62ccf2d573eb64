import { beforeAll, describe, expect, test } from 'vitest';
import * as constraints from '../../lib/constraints/index.js';
import * as layers from '../../lib/layers/index.js';
import { layerClass } from '../../lib/layers/registry.js';
import { sequential } from '../../lib/models/index.js';
import { setEngine } from '../../lib/program/current-engine.js';
import * as regularizers from '../../lib/regularizers/index.js';
import { ones, tensor } from '../../lib/tensor/index.js';
import { expectError } from '../support/convforge-error.js';
import { ENGINES } from '../support/engines.js';
import { expectClose, randomNumbers } from '../support/numeric.js';

/** A layer that takes `<option>Regularizer` and `<option>Constraint` for one of its weights; `axes`: those of a norm that it can be kept to. */
interface Ruled {
  make: (rules: Record<string, unknown>) => layers.Layer;
  option: string;
  /** Default the option. */
  weight?: string;
  input: number[];
  axes: number[];
}

const conv = { filters: 3, kernelSize: 2 };
const CASES: Record<string, Ruled> = {
  dense: { make: (rules) => layers.dense({ units: 4, ...rules }), option: 'kernel', input: [3], axes: [0] },
  'bias of dense': { make: (r) => layers.dense({ units: 4, ...r }), option: 'bias', input: [3], axes: [0] },
  conv1d: { make: (r) => layers.conv1d({ ...conv, ...r }), option: 'kernel', input: [5, 2], axes: [0, 1] },
  conv2d: {
    make: (r) => layers.conv2d({ ...conv, ...r }),
    option: 'kernel',
    input: [4, 4, 2],
    axes: [0, 1, 2],
  },
  'conv2d in groups': {
    make: (r) => layers.conv2d({ ...conv, filters: 4, groups: 2, ...r }),
    option: 'kernel',
    input: [4, 4, 4],
    axes: [0, 1, 2],
  },
  conv2dTranspose: {
    make: (r) => layers.conv2dTranspose({ ...conv, ...r }),
    option: 'kernel',
    input: [3, 3, 2],
    axes: [0, 1, 3],
  },
  depthwiseConv2d: {
    make: (r) => layers.depthwiseConv2d({ kernelSize: 2, depthMultiplier: 2, ...r }),
    option: 'depthwise',
    weight: 'depthwise_kernel',
    input: [4, 4, 3],
    axes: [0, 1],
  },
  'depthwiseConv2d over all its kernels': {
    make: (r) => layers.depthwiseConv2d({ kernelSize: 2, ...r }),
    option: 'depthwise',
    weight: 'depthwise_kernel',
    input: [4, 4, 3],
    axes: [0, 1, 2],
  },
  'separableConv2d, depthwise': {
    make: (r) => layers.separableConv2d({ ...conv, ...r }),
    option: 'depthwise',
    weight: 'depthwise_kernel',
    input: [4, 4, 2],
    axes: [0, 1],
  },
  'separableConv2d, pointwise': {
    make: (r) => layers.separableConv2d({ ...conv, ...r }),
    option: 'pointwise',
    weight: 'pointwise_kernel',
    input: [4, 4, 2],
    axes: [0, 1, 2],
  },
  'gamma of batchNormalization': {
    make: layers.batchNormalization,
    option: 'gamma',
    input: [3, 4],
    axes: [0],
  },
  'beta of batchNormalization': {
    make: layers.batchNormalization,
    option: 'beta',
    input: [3, 4],
    axes: [-1],
  },
  'gamma of groupNormalization': {
    make: (r) => layers.groupNormalization({ groups: 2, ...r }),
    option: 'gamma',
    input: [3, 4],
    axes: [0],
  },
  'beta of layerNormalization over two axes': {
    make: (r) => layers.layerNormalization({ axis: [-2, -1], ...r }),
    option: 'beta',
    input: [3, 4],
    axes: [0, 1],
  },
  embedding: {
    make: (r) => layers.embedding({ inputDim: 5, outputDim: 4, ...r }),
    option: 'embeddings',
    input: [3],
    axes: [1],
  },
  prelu: { make: layers.prelu, option: 'alpha', input: [3, 4], axes: [0, 1] },
  'prelu with shared axes': {
    make: (r) => layers.prelu({ sharedAxes: [1], ...r }),
    option: 'alpha',
    input: [3, 4],
    axes: [1],
  },
};

/** The compiled model of the layer, with fixed weights of both signs. */
function modelOf({ make, input }: Ruled, rules: Record<string, unknown>) {
  const layer = make(rules);
  const model = sequential({ layers: [layers.inputLayer({ inputShape: input }), layer] });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const drawn = layer.weights.map(({ shape, trainable }, i) => {
    const sizes = Float32Array.from(
      randomNumbers(
        shape.reduce((a, b) => a * b),
        30 + i,
        0.1,
        1,
      ),
    );
    const values = trainable === false ? sizes : sizes.map((w, j) => (j % 2 === 0 ? -w : w));
    return tensor(values, [...shape]);
  });
  layer.setWeights(drawn);
  return { model, layer };
}

function weightOf(layer: layers.Layer, { option, weight = option }: Ruled) {
  const index = layer.weights.findIndex(({ name }) => name === weight);
  return { values: layer.getWeights()[index].dataSync() as Float32Array, shape: layer.weights[index].shape };
}

/** Inputs that are also valid indices of an embedding. */
function data({ input }: Ruled, output: readonly (number | null)[]) {
  const x = Float32Array.from(randomNumbers(2 * input.reduce((a, b) => a * b), 3, 0, 5), Math.floor);
  return { x: tensor(x, [2, ...input]), y: ones([2, ...(output.slice(1) as number[])]) };
}

/** The norms of a weight over `axes`. */
function norms(values: Float32Array, shape: readonly number[], axes: readonly number[]): number[] {
  const summed = axes.map((axis) => (axis < 0 ? axis + shape.length : axis));
  const squares = new Map<string, number>();
  for (const [index, value] of values.entries()) {
    let rest = index;
    const places = shape.map(() => 0);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      places[axis] = summed.includes(axis) ? 0 : rest % shape[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    const key = places.join();
    squares.set(key, (squares.get(key) ?? 0) + value * value);
  }
  return [...squares.values()].map(Math.sqrt);
}

describe.each(ENGINES)('the %s engine', (engine) => {
  beforeAll(() => setEngine(engine));

  describe.each(Object.entries(CASES))('%s', (_, ruled) => {
    const { option, axes } = ruled;

    test('a regularizer adds its penalty to the loss', async () => {
      const plain = modelOf(ruled, {});
      const { model, layer } = modelOf(ruled, {
        [`${option}Regularizer`]: regularizers.l1l2({ l1: 0.3, l2: 0.2 }),
      });
      const { values } = weightOf(layer, ruled);
      const penalty = values.reduce((sum, w) => sum + 0.3 * Math.abs(w) + 0.2 * w * w, 0);
      const { x, y } = data(ruled, layer.outputShape);
      const { loss: without } = await plain.model.gradients(x, y);
      const { loss: withIt } = await model.gradients(x, y);
      expectClose([withIt - without], [penalty], { absolute: 1e-5, relative: 1e-5 });
    });

    test('nonNeg leaves no negative weight after a step', async () => {
      const { model, layer } = modelOf(ruled, { [`${option}Constraint`]: 'nonNeg' });
      expect(weightOf(layer, ruled).values.some((w) => w < 0)).toBe(true);
      const { x, y } = data(ruled, layer.outputShape);
      await model.trainOnBatch(x, y);
      const { values } = weightOf(layer, ruled);
      expect(values.every((w) => w >= 0)).toBe(true);
      expect(values.some((w) => w > 0)).toBe(true);
    });

    test('unitNorm leaves norms of 1 after a step', async () => {
      const { model, layer } = modelOf(ruled, {
        [`${option}Constraint`]: constraints.unitNorm({ axis: axes }),
      });
      const { x, y } = data(ruled, layer.outputShape);
      await model.trainOnBatch(x, y);
      const { values, shape } = weightOf(layer, ruled);
      const found = norms(values, shape, axes);
      expectClose(
        found,
        found.map(() => 1),
        { absolute: 1e-5 },
      );
    });

    test('is rebuilt from its config', () => {
      const layer = ruled.make({
        [`${option}Regularizer`]: regularizers.l1({ l1: 0.5 }),
        [`${option}Constraint`]: constraints.maxNorm({ maxValue: 3, axis: axes }),
      });
      const config = JSON.parse(JSON.stringify(layer.getConfig()));
      expect(config[`${option}Regularizer`]).toMatchObject({ className: 'L1', config: { l1: 0.5 } });
      expect(config[`${option}Constraint`].config).toEqual({ maxValue: 3, axis: axes });
      expect(layerClass(layer.getClassName()).fromConfig(config).getConfig()).toEqual(layer.getConfig());
    });
  });
});

test.each<[string, Ruled, number | number[]]>([
  ['prelu over one of two axes', CASES.prelu, 0],
  ['prelu over a shared axis', CASES['prelu with shared axes'], 0],
  ['layerNormalization over one of two axes', CASES['beta of layerNormalization over two axes'], 1],
  ['depthwise kernels over the channels', CASES.depthwiseConv2d, [0, 1, 2]],
])('refuses a norm of %s', async (_, ruled, axis) => {
  const constraint = constraints.maxNorm({ axis });
  const { model } = modelOf(ruled, {});
  const layer = ruled.make({ [`${ruled.option}Constraint`]: constraint });
  const refused = sequential({ layers: [layers.inputLayer({ inputShape: ruled.input }), layer] });
  refused.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const { x, y } = data(ruled, model.outputs[0].shape);
  const error = await expectError(() => refused.trainOnBatch(x, y), 'UNSUPPORTED', /norm over axes/);
  expect(error.layer).toBe(layer.name);
});
