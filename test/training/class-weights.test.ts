import { describe, expect, it } from 'vitest';
import {
  data,
  input,
  layers,
  losses,
  model,
  sequential,
  type Tensor,
  tensor,
  train,
} from '../../lib/index.js';
import type { ClassWeight } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';

// All logits are 0, so that the loss of each row is log 2 and a mean loss over log 2 is the mean weight.

const quiet = { epochs: 1, verbose: 0, shuffle: false } as const;

/** An untrained model whose outputs are images [2, 2, units] of equal scores. */
function segmenter(units = 2, loss: Parameters<typeof compile>[1] = 'sparseCategoricalCrossentropy') {
  const activation = units === 1 ? 'sigmoid' : 'softmax';
  const options = { filters: units, kernelSize: 1, activation, kernelInitializer: 'zeros' } as const;
  return compile(sequential({ layers: [layers.conv2d({ ...options, inputShape: [2, 2, 1] })] }), loss);
}

function compile<M extends ReturnType<typeof sequential>>(net: M, loss: Parameters<M['compile']>[0]['loss']) {
  net.compile({ optimizer: train.sgd(0), loss });
  return net;
}

async function meanWeight(
  net: ReturnType<typeof segmenter>,
  y: Tensor,
  options: { classWeight?: ClassWeight; sampleWeight?: Tensor },
): Promise<number> {
  const x = tensor(Array(4 * y.shape[0]).fill(1), [y.shape[0], 2, 2, 1]);
  const { history } = await net.fit(x, y, { ...quiet, ...options });
  return history.loss[0] / Math.LN2;
}

const MASKS = tensor([0, 0, 0, 1, 0, 1, 0, 0], [2, 2, 2], 'int32');

describe('classWeight of pixels', () => {
  it('weights each pixel by its class', async () => {
    expect(await meanWeight(segmenter(), MASKS, { classWeight: { 0: 1, 1: 5 } })).toBeCloseTo(16 / 8, 5);
    const oneHot = tensor([1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 1, 0], [2, 2, 2, 2]);
    const categorical = segmenter(2, 'categoricalCrossentropy');
    expect(await meanWeight(categorical, oneHot, { classWeight: { 1: 5 } })).toBeCloseTo(16 / 8, 5);
    const binary = segmenter(1, 'binaryCrossentropy');
    const values = tensor([0, 0, 0, 1, 0, 1, 0, 0], [2, 2, 2, 1]);
    expect(await meanWeight(binary, values, { classWeight: { 1: 5 } })).toBeCloseTo(16 / 8, 5);
  });

  it('multiplies sample and pixel weights', async () => {
    const bySample = { classWeight: { 1: 5 }, sampleWeight: tensor([2, 0]) };
    expect(await meanWeight(segmenter(), MASKS, bySample)).toBeCloseTo((2 * 8) / 8, 5);
    const byPixel = { classWeight: { 1: 5 }, sampleWeight: tensor([1, 0, 0, 2, 0, 0, 0, 4], [2, 2, 2]) };
    expect(await meanWeight(segmenter(), MASKS, byPixel)).toBeCloseTo((1 + 10 + 4) / 8, 5);
  });

  it('skips classes that the loss ignores', async () => {
    const loss = losses.sparseCategoricalCrossentropy({ ignoreClass: 255 });
    const masks = tensor([0, 255, 0, 1, 255, 1, 0, 0], [2, 2, 2], 'int32');
    expect(await meanWeight(segmenter(2, loss), masks, { classWeight: { 0: 1, 1: 4 } })).toBeCloseTo(
      12 / 6,
      5,
    );
    expect(await meanWeight(segmenter(2, loss), masks, { classWeight: 'balanced' })).toBeCloseTo(1, 5);
  });
});

describe("classWeight 'balanced'", () => {
  const classifier = () =>
    compile(
      sequential({
        layers: [
          layers.dense({ units: 3, activation: 'softmax', kernelInitializer: 'zeros', inputShape: [1] }),
        ],
      }),
      'sparseCategoricalCrossentropy',
    );
  const x = tensor([1, 1, 1, 1, 1, 1], [6, 1]);
  const y = tensor([0, 0, 0, 0, 2, 2], [6], 'int32');

  it('is n_samples / (n_classes * class_count), over classes that occur', async () => {
    // 6 / (2 * 4) and 6 / (2 * 2): the gradient by the bias shows the weights.
    const net = classifier();
    net.compile({ optimizer: train.sgd(1), loss: 'sparseCategoricalCrossentropy' });
    await net.fit(x, y, { ...quiet, classWeight: 'balanced' });
    const bias = Array.from(net.getWeights()[1].dataSync());
    const each = [0.75, 0.75, 0.75, 0.75, 1.5, 1.5];
    const gradient = (c: number) =>
      each.reduce((sum, weight, i) => sum + weight * ((y.dataSync()[i] === c ? 1 : 0) - 1 / 3), 0) / 6;
    [0, 1, 2].forEach((c) => void expect(bias[c]).toBeCloseTo(gradient(c), 6));
  });

  it("counts only training samples, and doesn't weight validation", async () => {
    const { history } = await classifier().fit(x, y, {
      ...quiet,
      classWeight: 'balanced',
      validationSplit: 0.5,
    });
    // Three samples of class 0 are left, with a weight of 1.
    expect(history.loss[0]).toBeCloseTo(Math.log(3), 5);
    const weighed = await classifier().fit(x, y, {
      ...quiet,
      classWeight: { 0: 3, 2: 7 },
      validationSplit: 0.5,
    });
    expect(weighed.history.loss[0]).toBeCloseTo(3 * Math.log(3), 5);
    expect(weighed.history.val_loss[0]).toBeCloseTo(Math.log(3), 5);
  });

  it("is refused if classes can't be counted", async () => {
    const net = classifier();
    const batches = data.array([{ xs: x, ys: y }]);
    await expectError(
      () => net.fitDataset(batches as never, { epochs: 1, classWeight: 'balanced' } as never),
      'INVALID_ARGUMENT',
      /fitDataset: classWeight 'balanced'.*a dataset doesn't tell/,
    );
    const several = segmenter(3, 'binaryCrossentropy');
    const labels = tensor(Array(12).fill(1), [1, 2, 2, 3]);
    await expectError(
      () => meanWeight(several, labels, { classWeight: 'balanced' }),
      'UNSUPPORTED',
      /may be true together/,
    );
    const regression = segmenter(1, 'meanSquaredError');
    const targets = tensor([1, 2, 3, 4], [1, 2, 2, 1]);
    await expectError(
      () => meanWeight(regression, targets, { classWeight: 'balanced' }),
      'INVALID_ARGUMENT',
      /has the target 2/,
    );
  });
});

describe('classWeight of several outputs', () => {
  const build = () => {
    const x = input({ shape: [1] });
    const outputs = ['a', 'b'].map(
      (name) =>
        layers
          .dense({ units: 2, activation: 'softmax', kernelInitializer: 'zeros', name })
          .apply(x) as typeof x,
    );
    const net = model({ inputs: x, outputs });
    net.compile({ optimizer: train.sgd(0), loss: 'categoricalCrossentropy' });
    return net;
  };
  const x = tensor([1, 1], [2, 1]);
  const y = tensor([1, 0, 0, 1], [2, 2]);
  const losses = async (classWeight: ClassWeight) => {
    const { history } = await build().fit(x, [y, y], { ...quiet, classWeight });
    return [history.a_loss[0] / Math.LN2, history.b_loss[0] / Math.LN2];
  };

  it.each<[string, ClassWeight, number[]]>([
    [
      'a list',
      [
        { 0: 1, 1: 3 },
        { 0: 5, 1: 1 },
      ],
      [2, 3],
    ],
    ['a list with null', [null, { 0: 5 }], [1, 3]],
    ['names', { b: { 1: 7 } }, [1, 4]],
    ['names, one balanced', { a: 'balanced', b: { 1: 7 } }, [1, 4]],
    ['all balanced', 'balanced', [1, 1]],
  ])('is %s', async (_, classWeight, [a, b]) => {
    const given = await losses(classWeight);
    expect(given[0]).toBeCloseTo(a, 5);
    expect(given[1]).toBeCloseTo(b, 5);
  });

  it("is refused if it doesn't fit the outputs", async () => {
    const wrong = (classWeight: unknown) => () => losses(classWeight as ClassWeight);
    await expectError(
      wrong([{ 0: 1 }]),
      'INVALID_ARGUMENT',
      /classWeight: it has 1 entries; the model has 2 outputs/,
    );
    await expectError(wrong({ c: { 0: 1 } }), 'UNKNOWN_OPTION', /output 'c'/);
    await expectError(wrong({ a: 3 }), 'INVALID_ARGUMENT', /'a' has 3/);
    await expectError(wrong([null, { 2: 1 }]), 'INVALID_ARGUMENT', /no class 2; 'b' has 2/);
    await expectError(wrong(['even', null]), 'INVALID_ARGUMENT', /'a' has 'even'/);
  });
});
