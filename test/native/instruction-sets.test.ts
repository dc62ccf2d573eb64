import { expect, test } from 'vitest';
import { engineInfo } from '../../lib/program/native-engine.js';
import { type Body, resultOf } from './child.js';

// One seed gives one result, for any instruction set and number of threads.

const { supported } = engineInfo();

/**
 * Sizes that fill no vector: 9 and 17 channels, windows with a remainder, batches of 10 with a last one of 5.
 */
const trainAndHash: Body = async ({ engineInfo, layers, sequential, setSeed }, { images, hash, print }) => {
  setSeed(11);
  const model = sequential({
    layers: [
      layers.conv2d({ filters: 9, kernelSize: 3, activation: 'relu', inputShape: [12, 12, 1] }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.randomContrast({ factor: 0.5, valueRange: [-1, 1] }),
      layers.randomBrightness({ factor: 0.2, valueRange: [-1, 1] }),
      layers.conv2d({ filters: 17, kernelSize: 2, padding: 'same', dilationRate: 2, activation: 'tanh' }),
      layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', activation: 'relu' }),
      layers.prelu({ sharedAxes: [1, 2] }),
      layers.conv2d({ filters: 34, kernelSize: 3, padding: 'same', groups: 17, activation: 'mish' }),
      layers.spatialDropout2d({ rate: 0.2 }),
      layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
      layers.conv2d({ filters: 5, kernelSize: [2, 1], strides: 2, activation: 'sigmoid' }),
      layers.flatten(),
      layers.dense({ units: 33, activation: 'gelu' }),
      layers.gaussianNoise({ stddev: 0.1 }),
      layers.alphaDropout({ rate: 0.1 }),
      layers.dense({ units: 21, activation: 'selu' }),
      layers.dropout({ rate: 0.3 }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  const { x, y } = images(105);
  const validationData = [x, y] as const;
  const { history } = await model.fit(x, y, { verbose: 0, epochs: 3, batchSize: 10, validationData });
  const outputs = await model.predict(x, { batchSize: 13 });
  const weights = model.getWeights().map((weight) => weight.dataSync());
  const { isa, threads } = engineInfo();
  print({ isa, threads, hash: hash(...weights, outputs.dataSync(), ...Object.values(history)) });
};

test('results have the same bits on each instruction set, with 1, 2 and 3 threads', async () => {
  const results: unknown[] = [];
  const expected: unknown[] = [];
  let hash: string | undefined;
  for (const isa of supported) {
    for (const threads of [1, 2, 3]) {
      const env = { CONVFORGE_ISA: isa, CONVFORGE_THREADS: `${threads}` };
      const result = (await resultOf(trainAndHash, { env })) as { hash: string };
      hash ??= result.hash;
      results.push(result);
      expected.push({ isa, threads, hash });
    }
  }
  expect(results).toEqual(expected);
  expect(supported).toContain('scalar');
});

const failure: Body = ({ ConvforgeError, engineInfo }, { print }) => {
  try {
    print(engineInfo());
  } catch (error) {
    const { code, message } = error as InstanceType<typeof ConvforgeError>;
    print({ ours: error instanceof ConvforgeError, code, message });
  }
};

test.each(['mmx', 'AVX2 ', supported.includes('neon') ? 'avx2' : 'neon'])(
  'the instruction set %j is refused, with those that there are',
  async (isa) => {
    const { message, ...rest } = (await resultOf(failure, { env: { CONVFORGE_ISA: isa } })) as {
      message: string;
    };
    expect(rest).toEqual({ ours: true, code: 'UNSUPPORTED' });
    for (const name of [isa, ...supported]) expect(message).toContain(name);
  },
);

test.each(['x', '0', '-1', '1.5', '1025', '2 threads'])(
  'CONVFORGE_THREADS=%s is refused',
  async (threads) => {
    const { message, ...rest } = (await resultOf(failure, { env: { CONVFORGE_THREADS: threads } })) as {
      message: string;
    };
    expect(rest).toEqual({ ours: true, code: 'INVALID_ARGUMENT' });
    expect(message).toContain(`CONVFORGE_THREADS=${threads}`);
  },
);

test.each([
  ['3', '2', 3],
  ['', '2', 2],
  [undefined, '2,1', 2],
])('CONVFORGE_THREADS=%s and OMP_NUM_THREADS=%s make %d threads', async (own, openMp, threads) => {
  const env = { CONVFORGE_THREADS: own, OMP_NUM_THREADS: openMp };
  expect(await resultOf(({ engineInfo }, { print }) => print(engineInfo().threads), { env })).toBe(threads);
});
