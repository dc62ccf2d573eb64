import { expect, test } from 'vitest';
import { engineInfo } from '../../lib/program/native-engine.js';
import { type Body, resultOf } from './child.js';

// What is special in float32 (NaN, infinities, denormal numbers, the ends of the range) gives the same results on every
// instruction set: every layer with such inputs and weights, and training on them.

const { supported } = engineInfo();

const runSpecials: Body = async ({ engineInfo, layers, sequential, setSeed, tensor }, { hash, print }) => {
  const values = [
    NaN, Infinity, -Infinity, 3.4e38, -3.4e38, 1e30, -1e19, 1e10, 104, -104, 88.5, -87.5, 20, -3, 1, -1, 0, -0,
    1e-20, -1e-30, 2e-38, -1.1754944e-38, 1.1754942e-38, 1e-40, -1e-40, 1.4e-45, -1.4e-45,
  ]; // biome-ignore format: a list
  const finite = values.filter(Number.isFinite);
  // A loss that becomes NaN is reported.
  console.warn = () => {};
  /** Numbers of which about a third are special, or all if there is one special number. */
  const fill = (length: number, specials: readonly number[], seed: number) =>
    Float32Array.from({ length }, (_, i) => {
      const draw = ((i + 1) * 7919 * seed) % 1009;
      return draw % 3 === 0 || specials.length === 1 ? specials[draw % specials.length] : draw / 1009 - 0.5;
    });
  const activations = [
    'relu', 'relu6', 'leakyRelu', 'elu', 'selu', 'gelu', 'geluNew', 'silu', 'mish', 'sigmoid', 'hardSigmoid',
    'hardSwish', 'tanh', 'softplus', 'softsign', 'exponential', 'softmax', 'logSoftmax',
  ] as const; // biome-ignore format: a list
  const inputShape = [8, 9, 17];
  const networks = [
    ...activations.map((activation) => [layers.activation({ activation, inputShape })]),
    ...activations.map((activation) => [
      layers.conv2d({ filters: 5, kernelSize: 1, activation, inputShape }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 35, activation }),
    ]),
    [layers.conv2d({ filters: 33, kernelSize: 3, padding: 'same', inputShape }), layers.maxPooling2d({})],
    [
      layers.conv2d({ filters: 5, kernelSize: 3, exact: true, inputShape }),
      layers.maxPooling2d({ poolSize: 3 }),
    ],
    [
      layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', inputShape }),
      layers.prelu({ sharedAxes: [1, 2] }),
    ],
    [layers.conv2dTranspose({ filters: 3, kernelSize: 2, strides: 2, inputShape })],
    [layers.maxPooling2d({ poolSize: 3, strides: 1, padding: 'same', inputShape })],
    [layers.averagePooling2d({ poolSize: 2, inputShape }), layers.globalMaxPooling2d()],
    [layers.batchNormalization({ inputShape }), layers.reLU({ maxValue: 1e-40 })],
    [layers.layerNormalization({ inputShape }), layers.reLU({ threshold: 1e-40, negativeSlope: 1e-40 })],
    [layers.groupNormalization({ groups: 17, inputShape })],
    [layers.upSampling2d({ interpolation: 'bilinear', inputShape }), layers.rescaling({ scale: 1e-40 })],
    [
      layers.randomTranslation({
        heightFactor: 0.3,
        widthFactor: 0.3,
        fillMode: 'constant',
        fillValue: 1e-40,
        inputShape,
      }),
    ],
    [layers.randomBrightness({ factor: 1e-40, valueRange: [-1e-40, 1e-40], inputShape })],
    [layers.gaussianNoise({ stddev: 1e-40, inputShape }), layers.alphaDropout({ rate: 0.5 })],
  ];
  const results: Record<string, string> = {};
  let denormals = 0;
  const keep = (name: string, arrays: readonly ArrayLike<number>[]) => {
    const all = arrays.flatMap((array) => [...(array as Float32Array)]);
    denormals += all.filter((value) => value !== 0 && Math.abs(value) < 1.1754943e-38).length;
    // The bits of NaN may differ.
    results[name] = hash(all.map((value) => (Number.isNaN(value) ? 7e77 : value)));
  };
  const size = 8 * 9 * 17;
  for (const [index, network] of networks.entries()) {
    const isNormalization = network[0].getClassName().endsWith('Normalization');
    for (const specials of [values, finite, [1e-40, -1e-40, 1e-42], ...(isNormalization ? [[3e38]] : [])]) {
      setSeed(1);
      const model = sequential({ layers: network });
      model.setWeights(model.getWeights().map((w, i) => tensor(fill(w.size, specials, i + 2), w.shape)));
      for (const n of [1, 3]) {
        const x = tensor(fill(n * size, specials, 5), [n, ...inputShape]);
        const name = `${index} ${network.map(({ name }) => name)} ${n} ${specials.length}`;
        const outputs = model.predict(x);
        keep(name, [await outputs.data()]);
        model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
        const y = tensor(fill(outputs.size, finite, 9), outputs.shape);
        await model.fit(x, y, { epochs: 2, verbose: 0, batchSize: n });
        keep(`${name} trained`, await Promise.all(model.getWeights().map((w) => w.data())));
      }
    }
  }
  print({ isa: engineInfo().isa, denormals, results });
};

test('special values give the same results on each instruction set, none of them denormal', async () => {
  const [first, ...others] = (await Promise.all(
    supported.map((isa) => resultOf(runSpecials, { env: { CONVFORGE_ISA: isa, CONVFORGE_THREADS: '2' } })),
  )) as { isa: string; denormals: number; results: Record<string, string> }[];
  expect(Object.keys(first.results).length).toBeGreaterThan(200);
  for (const other of others) expect(other.results).toEqual(first.results);
  for (const { denormals } of [first, ...others]) expect(denormals).toBe(0);
});
