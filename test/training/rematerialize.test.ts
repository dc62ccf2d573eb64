import { afterEach, describe, expect, it } from 'vitest';
import {
  data,
  input,
  layers,
  model,
  setEngine,
  setSeed,
  type SymbolicTensor,
  tensor,
} from '../../lib/index.js';
import type { LayersModel } from '../../lib/models/index.js';
import { expectError } from '../support/convforge-error.js';
import { randomNumbers } from '../support/numeric.js';

const BATCH = 6;
const SIZES = [12, 12, 4] as const;

const conv = (x: SymbolicTensor, filters: number, kernelSize = 3) =>
  layers.conv2d({ filters, kernelSize, padding: 'same', useBias: false }).apply(x);
const normalize = (x: SymbolicTensor) => layers.batchNormalization().apply(x);
const relu = (x: SymbolicTensor) => layers.activation({ activation: 'relu' }).apply(x);

function residualBlock(x: SymbolicTensor): SymbolicTensor {
  const inner = layers.dropout({ rate: 0.3 }).apply(relu(normalize(conv(x, 8))));
  return relu(layers.add().apply([x, normalize(conv(inner, 8))]));
}

function denseBlock(x: SymbolicTensor): SymbolicTensor {
  const parts = [x];
  for (let i = 0; i < 4; i++)
    parts.push(relu(normalize(conv(parts.length > 1 ? layers.concatenate().apply(parts) : x, 4))));
  return conv(layers.concatenate().apply(parts), 8, 1);
}

function withOutput(x: SymbolicTensor, y: SymbolicTensor): LayersModel {
  const scores = layers.dense({ units: 3, activation: 'softmax' }).apply(layers.flatten().apply(y));
  return model({ inputs: x, outputs: scores });
}

/** Makes networks that draw the same weights whenever they are made. */
const NETWORKS: Record<string, () => LayersModel> = {
  'residual blocks behind augmentation': () => {
    const x = input({ shape: SIZES });
    let y = layers.randomFlip({ mode: 'horizontal' }).apply(x);
    y = layers.randomTranslation({ heightFactor: 0.2, widthFactor: 0.2 }).apply(y);
    y = layers.gaussianNoise({ stddev: 0.1 }).apply(y);
    y = relu(normalize(conv(y, 8)));
    for (let i = 0; i < 6; i++) y = residualBlock(y);
    return withOutput(x, y);
  },
  'dense blocks': () => {
    const x = input({ shape: SIZES });
    let y = conv(x, 8);
    for (let i = 0; i < 4; i++) y = denseBlock(y);
    return withOutput(x, y);
  },
  'a U-Net': () => {
    const x = input({ shape: SIZES });
    const skips: SymbolicTensor[] = [];
    let y: SymbolicTensor = x;
    for (const filters of [8, 16]) {
      y = relu(normalize(conv(relu(conv(y, filters)), filters)));
      skips.push(y);
      y = layers.maxPooling2d({ poolSize: 2 }).apply(y);
    }
    y = relu(conv(y, 32));
    for (const filters of [16, 8]) {
      y = layers.upSampling2d({ size: 2 }).apply(y);
      y = layers.concatenate().apply([skips.pop() as SymbolicTensor, y]);
      y = relu(normalize(conv(relu(conv(y, filters)), filters)));
    }
    return withOutput(x, y);
  },
  'a layer that is used again and again': () => {
    const x = input({ shape: SIZES });
    const shared = layers.conv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'tanh' });
    let y = conv(x, 8);
    for (let i = 0; i < 8; i++) y = normalize(shared.apply(y));
    return withOutput(x, y);
  },
  'frozen layers, depthwise ones, pooling and several activations': () => {
    const x = input({ shape: SIZES });
    const frozen = layers.conv2d({ filters: 8, kernelSize: 3, padding: 'same', trainable: false });
    let y: SymbolicTensor = frozen.apply(x);
    for (const activation of ['relu6', 'swish', 'elu', 'sigmoid'] as const) {
      y = layers.depthwiseConv2d({ kernelSize: 3, padding: 'same' }).apply(y);
      y = layers.activation({ activation }).apply(layers.layerNormalization().apply(y));
      y = layers.maxPooling2d({ poolSize: 3, strides: 1, padding: 'same' }).apply(y);
      y = layers.spatialDropout2d({ rate: 0.2 }).apply(layers.prelu().apply(y));
    }
    return withOutput(x, y);
  },
  'steps of a sequence': () => {
    const x = input({ shape: [3, 12, 4] });
    const each = (layer: ReturnType<typeof layers.dense>) => layers.timeDistributed({ layer });
    let y: SymbolicTensor = x;
    for (let i = 0; i < 6; i++) y = relu(each(layers.dense({ units: 16 })).apply(y));
    return withOutput(x, y);
  },
};

function samples(network: LayersModel, count = 15) {
  const shape = [count, ...(network.inputs[0].sampleShape as number[])];
  const size = shape.reduce((product, each) => product * each, 1);
  const labels = Array.from({ length: count }, (_, i) => [i % 3 === 0, i % 3 === 1, i % 3 === 2].map(Number));
  return { x: tensor(new Float32Array(randomNumbers(size, 3)), shape), y: tensor(labels) };
}

async function train(make: () => LayersModel, rematerialize: boolean, ways = [rematerialize]) {
  setSeed(5);
  const network = make();
  network.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  const { x, y } = samples(network);
  const logs: unknown[] = [];
  for (const way of ways) {
    const options = { epochs: 2, batchSize: BATCH, verbose: 0, seed: 9, rematerialize: way } as const;
    logs.push((await network.fit(x, y, options)).history);
  }
  const weights = network.getWeights().map((weight) => weight.dataSync());
  network.dispose();
  return { logs, weights };
}

describe('rematerialize', () => {
  afterEach(() => setEngine('native'));

  for (const [name, make] of Object.entries(NETWORKS)) {
    it(`changes no bit of the results: ${name}`, async () => {
      expect(await train(make, true)).toEqual(await train(make, false));
    });

    it(`takes less memory, as explain tells: ${name}`, async () => {
      const network = make();
      network.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
      const whole = await network.explain({ batchSize: 64 });
      const again = await network.explain({ batchSize: 64, rematerialize: true });
      const recomputed = (from: typeof whole) =>
        from.nodes.filter(({ passes }) => passes.some(({ kind }) => kind === 'recompute'));
      expect(again.memory?.arena).toBeLessThan((whole.memory?.arena as number) * 0.95);
      expect(recomputed(again).length).toBeGreaterThan(2);
      expect(recomputed(whole)).toEqual([]);
    });
  }

  it('can be chosen for each fit anew', async () => {
    const make = NETWORKS['residual blocks behind augmentation'];
    const expected = await train(make, false, [false, false, false]);
    expect(await train(make, true, [true, false, true])).toEqual(expected);
  });

  it('is an option of fitDataset, too', async () => {
    const make = NETWORKS['dense blocks'];
    const weights = [];
    for (const rematerialize of [true, false]) {
      setSeed(5);
      const network = make();
      network.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
      const { x, y } = samples(network, 12);
      const xs = data.array(x.arraySync() as number[][]);
      const set = data.zip({ xs, ys: data.array(y.arraySync() as number[][]) }).batch(4);
      await network.fitDataset(set, { epochs: 1, verbose: 0, seed: 1, rematerialize });
      weights.push(network.getWeights().map((weight) => weight.dataSync()));
    }
    expect(weights[0]).toEqual(weights[1]);
  });

  it('makes no difference to the reference engine', async () => {
    setEngine('reference');
    const make = () => {
      const x = input({ shape: [4, 4, 2] });
      return withOutput(x, relu(normalize(conv(x, 2))));
    };
    expect(await train(make, true)).toEqual(await train(make, false));
  });

  it('is refused where it means nothing', async () => {
    const network = NETWORKS['dense blocks']();
    network.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
    const { x, y } = samples(network);
    const wrong = { rematerialize: 1 } as never;
    await expectError(() => network.fit(x, y, wrong), 'INVALID_ARGUMENT', /rematerialize/);
    const unknown = { rematerialize: true } as never;
    await expectError(() => network.evaluate(x, y, unknown), 'UNKNOWN_OPTION', /rematerialize/);
    const predicting = { mode: 'predict', rematerialize: true } as const;
    await expectError(() => network.explain(predicting), 'INVALID_ARGUMENT', /mode 'train'/);
  });
});
