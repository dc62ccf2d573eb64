import * as tfjs from '@tensorflow/tfjs-core';
import * as tfjsLayers from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { loadLayersModel, setEngine, type Tensor, tensor, train } from '../../lib/index.js';
import { ENGINES } from '../support/engines.js';
import { expectClose } from '../support/numeric.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { type Given, loadInTfjs, predictInOurs, predictInTfjs, saveFromTfjs } from '../support/tfjs-files.js';

const pathOf = temporaryFolder();
const CLOSE = { absolute: 1e-5 };
const { input, layers, sequential } = tfjsLayers;

const conv = (filters: number, options = {}) =>
  layers.conv2d({ filters, kernelSize: 3, padding: 'same', activation: 'relu', ...options });

type Value = tfjsLayers.SymbolicTensor;
const through = (x: Value, ...steps: tfjsLayers.layers.Layer[]): Value =>
  steps.reduce((value, layer) => layer.apply(value) as Value, x);
const merged = (layer: tfjsLayers.layers.Layer, ...values: Value[]) => layer.apply(values) as Value;

interface Case {
  make(): tfjsLayers.LayersModel;
  /** Of samples. */
  sizes: number[][];
}

/** A model of each kind that is used with variable sizes. */
const CASES: Record<string, Case> = {
  'super-resolution': {
    make() {
      const image = input({ shape: [null, null, 3] });
      const features = through(image, conv(6));
      const residual = merged(
        layers.add(),
        features,
        through(features, conv(6), conv(6, { activation: 'linear' })),
      );
      const larger = through(
        residual,
        layers.upSampling2d({ size: [2, 2] }),
        conv(3, { activation: 'sigmoid' }),
      );
      return tfjsLayers.model({ inputs: image, outputs: larger });
    },
    sizes: [
      [5, 7, 3],
      [6, 4, 3],
      [1, 1, 3],
    ],
  },
  'a classifier of separable convolutions with global pooling': {
    make() {
      return sequential({
        layers: [
          conv(6, { strides: 2, inputShape: [null, null, 3], useBias: false, activation: 'linear' }),
          layers.batchNormalization(),
          layers.reLU({ maxValue: 6 }),
          layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', useBias: false }),
          layers.batchNormalization(),
          layers.separableConv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'relu' }),
          layers.globalAveragePooling2d({}),
          layers.dense({ units: 4, activation: 'softmax' }),
        ],
      });
    },
    sizes: [
      [9, 6, 3],
      [8, 8, 3],
      [3, 11, 3],
    ],
  },
  'a U-Net': {
    make() {
      const image = input({ shape: [null, null, 1] });
      const whole = through(image, conv(3));
      const half = through(whole, layers.maxPooling2d({ poolSize: 2 }), conv(4));
      const quarter = through(half, layers.maxPooling2d({ poolSize: 2 }), conv(5));
      const up = through(quarter, layers.conv2dTranspose({ filters: 4, kernelSize: 2, strides: 2 }));
      const joined = through(
        merged(layers.concatenate(), up, half),
        conv(4),
        layers.upSampling2d({ size: [2, 2] }),
      );
      const outputs = through(
        merged(layers.concatenate(), joined, whole),
        conv(2, { kernelSize: 1, activation: 'sigmoid' }),
      );
      return tfjsLayers.model({ inputs: image, outputs });
    },
    sizes: [
      [8, 4, 1],
      [4, 12, 1],
      [8, 8, 1],
    ],
  },
  'signals of any length': {
    make() {
      return sequential({
        layers: [
          layers.conv1d({
            filters: 5,
            kernelSize: 3,
            padding: 'same',
            activation: 'tanh',
            inputShape: [null, 2],
          }),
          layers.averagePooling1d({ poolSize: 2 }),
          layers.conv1d({ filters: 4, kernelSize: 2 }),
          layers.globalMaxPooling1d({}),
          layers.dense({ units: 2 }),
        ],
      });
    },
    sizes: [
      [9, 2],
      [4, 2],
      [17, 2],
    ],
  },
  'texts of any length': {
    make() {
      return sequential({
        layers: [
          layers.embedding({ inputDim: 11, outputDim: 5 }),
          layers.conv1d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu' }),
          layers.globalAveragePooling1d(),
          layers.dense({ units: 3, activation: 'softmax' }),
        ],
      });
    },
    sizes: [[6], [3], [12]],
  },
};

/** Whole numbers for inputs that are indices. */
function samplesOf(samples: number, shape: readonly number[], seed: number): Given {
  const count = samples * shape.reduce((product, size) => product * size, 1);
  const draw = (i: number) => ((i * 7919 + seed * 104_729) % 1009) / 1009;
  const values = Array.from({ length: count }, (_, i) =>
    shape.length === 1 ? Math.floor(draw(i) * 11) : draw(i) * 2 - 1,
  );
  return { shape: [samples, ...shape], values };
}

const inOurs = ({ values, shape }: Given): Tensor => tensor([...values], [...shape]);
const inTfjs = ({ values, shape }: Given) => tfjs.tensor([...values], [...shape]);
const valuesOf = (tensors: readonly { dataSync(): ArrayLike<number> }[]) =>
  tensors.map((each) => Array.from(each.dataSync()));

describe.each(Object.keys(CASES))('%s', (name) => {
  const { make, sizes } = CASES[name];

  it.each(ENGINES)(
    'is what it is in TF.js: outputs, training, and files both ways (%s engine)',
    async (engine) => {
      setEngine(engine);
      try {
        const expected = make();
        await saveFromTfjs(expected, pathOf('theirs'));
        const model = await loadLayersModel(pathOf('theirs'));
        expect(model.outputs.map(({ shape }) => shape)).toEqual(expected.outputs.map(({ shape }) => shape));
        const expectSame = (other = expected) => {
          for (const [i, size] of sizes.entries()) {
            const x = [samplesOf(2, size, i)];
            const values = predictInTfjs(other, x);
            for (const [j, own] of predictInOurs(model, x).entries()) expectClose(own, values[j], CLOSE);
          }
        };
        expectSame();
        model.compile({ optimizer: train.momentum(0.05, 0.9), loss: 'meanSquaredError' });
        expected.compile({ optimizer: tfjs.train.momentum(0.05, 0.9), loss: 'meanSquaredError' });
        for (let step = 0; step < 3; step++) {
          // One sample only: TF.js's CPU gradient of up-sampling is wrong for several.
          const x = samplesOf(1, sizes[step % 2], 5 + step);
          const { shape } = expected.predict(inTfjs(x)) as tfjs.Tensor;
          const y = samplesOf(1, [...shape.slice(1), 1], step).values.map(Math.sin);
          const losses = [
            await model.trainOnBatch(inOurs(x), inOurs({ shape, values: y })),
            await expected.trainOnBatch(inTfjs(x), inTfjs({ shape, values: y })),
          ];
          expectClose([losses[0] as number], [losses[1] as number], CLOSE);
        }
        const weights = valuesOf(expected.getWeights());
        for (const [i, values] of valuesOf(model.getWeights()).entries())
          expectClose(values, weights[i], CLOSE);
        expectSame();
        await model.save(pathOf('ours'));
        const back = await loadInTfjs(pathOf('ours'));
        expect(back.inputs.map(({ shape }) => shape)).toEqual(expected.inputs.map(({ shape }) => shape));
        expectSame(back);
      } finally {
        setEngine('native');
      }
    },
  );
});
