import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  input,
  layers,
  type LayersModel,
  model,
  type PendingTensor,
  sequential,
  setEngine,
  setSeed,
  type SymbolicTensor,
  type Tensor,
  tensor,
  train,
} from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { ENGINES } from '../support/engines.js';
import { expectClose } from '../support/numeric.js';
import { randomTensor, valuesOf } from '../support/tensors.js';

/** y = x W + b, [2] to [3]. */
function linear(activation: 'linear' | 'softmax' | 'sigmoid' = 'linear') {
  const net = sequential({ layers: [layers.dense({ units: 3, activation, inputShape: [2], name: 'out' })] });
  net.setWeights([tensor([1, 2, 3, 4, 5, 6], [2, 3]), tensor([0.1, 0.2, 0.3])]);
  return net;
}

const only = <T>(record: Record<string, T>): T => Object.values(record)[0];

/** The change of the sum of a model's output by each element of x. Exact for a linear model. */
async function slopes(net: LayersModel, x: Tensor): Promise<number[]> {
  const sum = async (values: Float32Array) => {
    const y = await net.predict<PendingTensor>(tensor(values, x.shape));
    return valuesOf(y).reduce((total, value) => total + value, 0);
  };
  const before = await sum(x.dataSync() as Float32Array);
  const found: number[] = [];
  for (let i = 0; i < x.size; i++) {
    const moved = Float32Array.from(x.dataSync());
    moved[i] += 1;
    found.push((await sum(moved)) - before);
  }
  return found;
}

describe.each(ENGINES)('input gradients on the %s engine', (engine) => {
  beforeAll(() => setEngine(engine));
  afterAll(() => setEngine('native'));

  const x = tensor([1, 0, 0, 1], [2, 2]);

  describe('without targets', () => {
    it('are of the sum of outputs', async () => {
      const { value, inputs, layers: inner, isOfLogits } = await linear().inputGradients(x);
      expect(Object.keys(inputs)).toEqual(['out_input']);
      expect(inputs.out_input.shape).toEqual([2, 2]);
      expect(valuesOf(inputs.out_input)).toEqual([6, 15, 6, 15]);
      expect(value).toBeCloseTo(6 + 15 + 1.2, 5);
      expect([inner, isOfLogits]).toEqual([{}, false]);
    });

    it('are of one class, or a class per sample', async () => {
      const third = await linear().inputGradients(x, null, { class: 2 });
      expect(valuesOf(only(third.inputs))).toEqual([3, 6, 3, 6]);
      expect(third.value).toBeCloseTo(3.3 + 6.3, 5);
      const each = await linear().inputGradients(x, null, { class: [0, 2] });
      expect(valuesOf(only(each.inputs))).toEqual([1, 4, 3, 6]);
    });

    it('are of logits with logits: true', async () => {
      for (const activation of ['softmax', 'sigmoid'] as const) {
        const logits = await linear(activation).inputGradients(x, null, { class: 1, logits: true });
        expect(valuesOf(only(logits.inputs))).toEqual([2, 5, 2, 5]);
        expect([logits.isOfLogits, logits.value]).toEqual([true, expect.closeTo(2.2 + 5.2, 5)]);
        const scores = await linear(activation).inputGradients(x, null, { class: 1 });
        expect(scores.isOfLogits).toBe(false);
        expect(Math.abs(only(scores.inputs).dataSync()[0])).toBeLessThan(0.5);
      }
      const plain = await linear().inputGradients(x, null, { class: 1, logits: true });
      expect([plain.isOfLogits, valuesOf(only(plain.inputs))]).toEqual([false, [2, 5, 2, 5]]);
    });

    it("are of a named output, and 0 for inputs that it doesn't depend on", async () => {
      const [a, b] = ['a', 'b'].map((name) => input({ shape: [2], name }));
      const dense = (name: string, of: SymbolicTensor) =>
        layers.dense({ units: 1, useBias: false, kernelInitializer: 'ones', name }).apply(of);
      const net = model({ inputs: [a, b], outputs: [dense('first', a), dense('second', b)] });
      const of = await net.inputGradients([x, x], null, { output: 'second' });
      expect(valuesOf(of.inputs.a)).toEqual([0, 0, 0, 0]);
      expect(valuesOf(of.inputs.b)).toEqual([1, 1, 1, 1]);
      const some = await net.inputGradients([x, x], null, { output: 'first', inputs: ['a'] });
      expect(Object.keys(some.inputs)).toEqual(['a']);
      await expectError(() => net.inputGradients([x, x]), 'INVALID_ARGUMENT', /2 outputs \(first, second\)/);
    });
  });

  it('are of the mean loss with targets', async () => {
    const net = linear();
    net.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    const y = tensor([0, 0, 0, 0, 0, 0], [2, 3]);
    const { value, inputs } = await net.inputGradients(x, y);
    const p = [1.1, 2.2, 3.3, 4.1, 5.2, 6.3];
    expect(value).toBeCloseTo(p.reduce((sum, each) => sum + each ** 2, 0) / 6, 4);
    const by = (row: number, w: number[]) =>
      w.reduce((sum, weight, i) => sum + (2 * p[3 * row + i] * weight) / 6, 0);
    const [first, second] = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    expectClose(valuesOf(only(inputs)), [by(0, first), by(0, second), by(1, first), by(1, second)]);
    const weighed = await net.inputGradients(x, y, { sampleWeight: [0, 2] });
    expectClose(valuesOf(only(weighed.inputs)), [0, 0, 2 * by(1, first), 2 * by(1, second)]);
  });

  it('are by raw bytes, before rescaling', async () => {
    const net = sequential({
      layers: [
        layers.rescaling({ scale: 1 / 4, offset: -1, inputShape: [2, 2, 1] }),
        layers.conv2d({ filters: 1, kernelSize: 2, useBias: false, name: 'c' }),
      ],
    });
    net.getLayer('c').setWeights([tensor([1, 2, 3, 4], [2, 2, 1, 1])]);
    const { inputs, layers: inner } = await net.inputGradients(
      tensor(Uint8Array.of(0, 4, 8, 255), [1, 2, 2, 1]),
      null,
      { layers: ['rescaling_1', 'c'].map((name, i) => net.layers[i].name ?? name) },
    );
    expect(valuesOf(only(inputs))).toEqual([0.25, 0.5, 0.75, 1]);
    const [rescaled, convolved] = Object.values(inner);
    expect(valuesOf(rescaled.output)).toEqual([-1, 0, 1, 62.75]);
    expect(valuesOf(rescaled.gradient)).toEqual([1, 2, 3, 4]);
    expect([valuesOf(convolved.output), valuesOf(convolved.gradient)]).toEqual([[-1 + 3 + 251], [1]]);
  });

  it('are by inner layers, even if ops are fused', async () => {
    setSeed(3);
    const net = sequential({
      layers: [
        layers.conv2d({ filters: 4, kernelSize: 3, name: 'conv', inputShape: [8, 8, 2] }),
        layers.batchNormalization({ name: 'normal' }),
        layers.reLU({ name: 'relu' }),
        layers.maxPooling2d({ name: 'pool' }),
        layers.dropout({ rate: 0.5, name: 'drop' }),
        layers.flatten({ name: 'flat' }),
        layers.dense({ units: 3, activation: 'softmax', name: 'scores' }),
      ],
    });
    const images = randomTensor([2, 8, 8, 2], 5);
    const names = net.layers.map(({ name }) => name);
    const all = await net.inputGradients(images, null, { class: 1, layers: names });
    const kernel = net.getLayer('scores').getWeights()[0].dataSync();
    const p = (await net.predict<PendingTensor>(images)).dataSync();
    expectClose(all.layers.scores.output.dataSync(), p);
    expect(valuesOf(all.layers.scores.gradient)).toEqual([0, 1, 0, 0, 1, 0]);
    const byFlat = valuesOf(all.layers.flat.gradient);
    const expected = byFlat.map((_, i) => {
      const [row, place] = [Math.floor(i / 36), i % 36];
      let slope = 0;
      for (let c = 0; c < 3; c++)
        slope += kernel[3 * place + c] * p[3 * row + 1] * ((c === 1 ? 1 : 0) - p[3 * row + c]);
      return slope;
    });
    expectClose(byFlat, expected);
    // Nothing is dropped, and the gradient of each pooled value goes to the index of its maximum.
    expect(valuesOf(all.layers.drop.gradient)).toEqual(byFlat);
    expect(valuesOf(all.layers.pool.gradient)).toEqual(byFlat);
    const passed = valuesOf(all.layers.relu.gradient).filter((value) => value !== 0);
    expect([...passed].sort()).toEqual(byFlat.filter((value) => value !== 0).sort());
    const positive = valuesOf(all.layers.normal.output).map((value) => value > 0);
    const byRelu = valuesOf(all.layers.relu.gradient);
    expectClose(
      valuesOf(all.layers.normal.gradient),
      byRelu.map((value, i) => (positive[i] ? value : 0)),
    );
    expectClose(
      valuesOf(all.layers.conv.gradient),
      valuesOf(all.layers.normal.gradient).map((value) => value / Math.sqrt(1.001)),
    );
    // The gradient by the inputs alone takes another path.
    const alone = await net.inputGradients(images, null, { class: 1 });
    expectClose(valuesOf(only(alone.inputs)), valuesOf(only(all.inputs)), { absolute: 1e-6 });
  });

  it('are by layers of nested models, and by each use of a layer', async () => {
    const base = sequential({
      name: 'base',
      layers: [layers.dense({ units: 2, useBias: false, name: 'inner', inputShape: [2] })],
    });
    base.setWeights([tensor([1, 1, 0, 2], [2, 2])]);
    const from = input({ shape: [2], name: 'x' });
    const twice = base.apply(base.apply(from)) as SymbolicTensor;
    const net = model({ inputs: from, outputs: layers.activation({ activation: 'linear' }).apply(twice) });
    const uses = ['base/inner', 'base@2/inner', 'base'];
    const { inputs, layers: inner } = await net.inputGradients(tensor([1, 1], [1, 2]), null, {
      layers: uses,
    });
    expect(valuesOf(inputs.x)).toEqual([4, 4]);
    expect(valuesOf(inner['base/inner'].output)).toEqual([1, 3]);
    expect(valuesOf(inner['base/inner'].gradient)).toEqual([2, 2]);
    expect(valuesOf(inner.base.gradient)).toEqual([2, 2]);
    expect(valuesOf(inner['base@2/inner'].output)).toEqual([1, 7]);
    expect(valuesOf(inner['base@2/inner'].gradient)).toEqual([1, 1]);
  });

  it('pass through layers in inference mode, or in training mode', async () => {
    setSeed(9);
    const net = sequential({
      layers: [
        layers.dropout({ rate: 0.5, inputShape: [4] }),
        layers.batchNormalization(),
        layers.dense({ units: 1, useBias: false, kernelInitializer: 'ones' }),
      ],
    });
    const samples = randomTensor([3, 4], 6);
    const before = net.getWeights().map(valuesOf);
    const predicting = await net.inputGradients(samples);
    expectClose(valuesOf(only(predicting.inputs)), Array(12).fill(1 / Math.sqrt(1.001)));
    const training = await net.inputGradients(samples, null, { training: true });
    // The sum over a normalized batch doesn't change.
    for (const value of valuesOf(only(training.inputs))) expect(value).toBeCloseTo(0, 4);
    expect(net.getWeights().map(valuesOf)).toEqual(before);
    const dropping = sequential({ layers: [layers.dropout({ rate: 0.5, inputShape: [40] })] });
    const dropped = await dropping.inputGradients(randomTensor([1, 40], 1), null, { training: true });
    expect(new Set(valuesOf(only(dropped.inputs)))).toEqual(new Set([0, 2]));
  });

  it('use random layers that were called with training: true', async () => {
    const from = input({ shape: [40] });
    const drop = layers.dropout({ rate: 0.5 });
    const net = model({ inputs: from, outputs: drop.apply(from, { training: true }) });
    const { inputs } = await net.inputGradients(randomTensor([1, 40], 1));
    expect(new Set(valuesOf(only(inputs)))).toEqual(new Set([0, 2]));
  });

  it('pass through augmentation in inference mode', async () => {
    const net = sequential({
      layers: [
        layers.randomFlip({ inputShape: [7, 6, 2] }),
        layers.randomRotation({ factor: 0.2 }),
        layers.randomBrightness({ factor: 0.5 }),
        layers.gaussianNoise({ stddev: 1 }),
        layers.randomCrop({ height: 3, width: 4 }),
        layers.conv2d({ filters: 1, kernelSize: 2, useBias: false }),
      ],
    });
    const image = randomTensor([1, 7, 6, 2], 8);
    const { inputs } = await net.inputGradients(image);
    expectClose(valuesOf(only(inputs)), await slopes(net, image), { absolute: 1e-4 });
  });

  it('are by inputs of any size', async () => {
    const net = sequential({
      layers: [
        layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [null, null, 1], name: 'c' }),
        layers.globalAveragePooling2d(),
      ],
    });
    for (const [height, width] of [
      [5, 4],
      [3, 6],
    ]) {
      const image = randomTensor([1, height, width, 1], height);
      const { inputs, layers: inner } = await net.inputGradients(image, null, { layers: ['c'] });
      expectClose(valuesOf(only(inputs)), await slopes(net, image), { absolute: 1e-4 });
      expect(inner.c.gradient.shape).toEqual([1, height - 2, width - 2, 2]);
      const share = 1 / ((height - 2) * (width - 2));
      expectClose(valuesOf(inner.c.gradient), Array(inner.c.gradient.size).fill(share));
    }
  });

  it('are computed during training', async () => {
    const net = linear();
    net.compile({ optimizer: train.sgd(0), loss: 'meanSquaredError' });
    const found: Promise<{ inputs: Record<string, Tensor> }>[] = [];
    await net.fit(x, tensor([0, 0, 0, 0, 0, 0], [2, 3]), {
      epochs: 3,
      verbose: 0,
      callbacks: { onBatchEnd: () => void found.push(net.inputGradients(x)) },
    });
    for (const each of found) expect(valuesOf(only((await each).inputs))).toEqual([6, 15, 6, 15]);
    expect(found).toHaveLength(3);
  });

  describe('with embeddings', () => {
    const build = () => {
      const tokens = input({ shape: [2], name: 'tokens' });
      const factor = input({ shape: [1], name: 'factor' });
      const vectors = layers.embedding({ inputDim: 3, outputDim: 2, name: 'vectors' }).apply(tokens);
      const summed = layers.globalAveragePooling1d().apply(vectors);
      const joined = layers.concatenate().apply([summed, factor]);
      const out = layers.dense({ units: 1, useBias: false, name: 'out' });
      const net = model({ inputs: [tokens, factor], outputs: out.apply(joined) });
      out.setWeights([tensor([2, 4, 8], [3, 1])]);
      return net;
    };
    const data = [tensor([0, 2], [1, 2]), tensor([1], [1, 1])];

    it("are refused by an embedding's indices", async () => {
      await expectError(
        () => build().inputGradients(data),
        'UNSUPPORTED',
        /'tokens' goes to the embedding 'vectors'.*name the other inputs in `inputs`/,
      );
    });

    it("are given by an embedding's output, and by other inputs", async () => {
      const some = { inputs: ['factor'], layers: ['vectors'] };
      const { inputs, layers: inner } = await build().inputGradients(data, null, some);
      expect(valuesOf(inputs.factor)).toEqual([8]);
      expect(valuesOf(inner.vectors.gradient)).toEqual([1, 2, 1, 2]);
      const none = await build().inputGradients(data, null, { inputs: [], layers: ['vectors'] });
      expect(none.inputs).toEqual({});
    });
  });

  it('are refused for invalid arguments', async () => {
    const net = linear();
    const y = tensor([0, 0, 0, 0, 0, 0], [2, 3]);
    const refused = (options: object, targets: Tensor | null = null) => {
      return () => net.inputGradients(x, targets, options);
    };
    await expectError(refused({}, y), 'NOT_COMPILED', /compile/);
    net.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    await expectError(refused({ class: 1 }, y), 'INVALID_ARGUMENT', /class is given, but with targets/);
    await expectError(refused({ logits: false }, y), 'INVALID_ARGUMENT', /logits is given/);
    await expectError(refused({ sampleWeight: [1, 2] }), 'INVALID_ARGUMENT', /there is no loss/);
    await expectError(refused({ class: 3 }), 'INVALID_ARGUMENT', /class is 3; the output has 3, from 0/);
    await expectError(refused({ class: [0] }), 'INVALID_ARGUMENT', /one for each of the 2 samples/);
    await expectError(refused({ layers: ['ut'] }), 'INVALID_ARGUMENT', /did you mean 'out'/);
    await expectError(refused({ layers: 'out' }), 'INVALID_ARGUMENT', /must be a list of names/);
    await expectError(refused({ inputs: ['x'] }), 'INVALID_ARGUMENT', /out_input/);
    await expectError(refused({ inputs: [] }), 'INVALID_ARGUMENT', /nothing to compute/);
    await expectError(refused({ output: 'a' }), 'INVALID_ARGUMENT', /no output 'a'/);
    await expectError(refused({ clas: 1 }), 'UNKNOWN_OPTION', /did you mean 'class'/);
    await expectError(refused({ signal: AbortSignal.abort() }), 'ABORTED', /aborted/i);
    await expectError(() => net.inputGradients(tensor([1, 2, 3])), 'SHAPE_MISMATCH', /\[n, 2\]/);
    net.dispose();
    await expectError(refused({}), 'DISPOSED', /disposed/);
  });
});
