import { describe, expect, it } from 'vitest';
import {
  input,
  layers,
  model,
  optimizers,
  type PendingTensor,
  report,
  type Sequential,
  sequential,
  setSeed,
  type SymbolicTensor,
  tensor,
  type Tensor,
} from '../../lib/index.js';
import { OptionChecks } from '../../lib/options.js';
import { classHeat } from '../../lib/report/class-activation.js';
import { expectError } from '../support/convforge-error.js';
import { randomIntegers, randomNumbers } from '../support/numeric.js';
import { expectBalanced } from './markup.js';
import { captionsOf, imagesOf } from './drawn-images.js';

const checks = new OptionChecks('test');
const SIZE = 16;
/**
 * What tells three classes apart: a patch of 5x5. The fourth has none, so that each of these needs something
 * that speaks for it.
 */
const PATCHES = [
  (y: number) => (y % 2 === 0 ? 1 : 0),
  (_: number, x: number) => (x % 2 === 0 ? 1 : 0),
  (y: number, x: number) => ((x + y) % 2 === 0 ? 1 : 0),
];

/** Images of noise with the patch of a class in one of the corners; of the first `classes`. */
function drawn(count: number, seed: number, classes: number) {
  const noise = randomNumbers(count * SIZE * SIZE, seed, 0, 0.1);
  const labels = randomIntegers(count, seed + 1, 0, classes - 1);
  const corners = randomIntegers(count, seed + 2, 0, 3);
  const values = Float32Array.from(noise);
  for (let n = 0; n < count; n++) {
    const [top, left] = [corners[n] < 2 ? 1 : 10, corners[n] % 2 === 0 ? 1 : 10];
    for (let y = 0; labels[n] < PATCHES.length && y < 5; y++) {
      for (let x = 0; x < 5; x++)
        values[n * SIZE * SIZE + (top + y) * SIZE + left + x] = PATCHES[labels[n]](y, x);
    }
  }
  return {
    images: tensor(values, [count, SIZE, SIZE, 1]),
    labels: tensor(Int32Array.from(labels), [count], 'int32'),
    corners,
  };
}

/** A classifier of these images that has learnt. */
async function trained(): Promise<Sequential> {
  setSeed(1);
  const conv = (filters: number, name: string) =>
    layers.conv2d({ filters, kernelSize: 3, activation: 'relu', padding: 'same', name });
  const net = sequential({
    name: 'corners',
    layers: [
      layers.inputLayer({ inputShape: [SIZE, SIZE, 1] }),
      conv(8, 'first'),
      conv(16, 'last'),
      layers.globalAveragePooling2d(),
      layers.dense({ units: 4, activation: 'softmax' }),
    ],
  });
  net.compile({
    optimizer: optimizers.adam({ learningRate: 0.01 }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  });
  const { images, labels } = drawn(600, 10, 4);
  await net.fit(images, labels, { epochs: 25, verbose: 0, seed: 2 });
  return net;
}

/** The share of the values that is in a corner's quarter of the image. */
function shareOf(values: ArrayLike<number>, size: number, corner: number): number {
  let [inside, all] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const [y, x] = [Math.floor(i / size), i % size];
    const own = (y < size / 2 ? 0 : 2) + (x < size / 2 ? 0 : 1);
    all += values[i];
    if (own === corner) inside += values[i];
  }
  return inside / all;
}

describe('gradCam', () => {
  it('is high in the corner by which a trained model recognizes the class', async () => {
    const net = await trained();
    const { images, labels, corners } = drawn(40, 20, 3);
    const [, accuracy] = await net.evaluate(images, labels);
    expect(accuracy.dataSync()[0]).toBeGreaterThan(0.95);
    const names = ['upper left', 'upper right', 'lower left', 'lower right'];
    const shares: number[] = [];
    for (let n = 0; n < 12; n++) {
      const image = images.slice(n, 1);
      const found = await classHeat(checks, net, image, { class: labels.dataSync()[n] });
      expect(found.layer.name).toBe('last');
      shares.push(shareOf(found.heat.values, SIZE, corners[n]));
      const svg = await report.gradCam(net, image);
      expect(svg).toContain(`most heat in the ${names[corners[n]]}`);
    }
    // A quarter would be in each corner by chance.
    expect(Math.min(...shares)).toBeGreaterThan(0.5);
    expect(shares.reduce((sum, share) => sum + share) / shares.length).toBeGreaterThan(0.85);
    // The drawing: reddest where the heat is, grey elsewhere.
    const svg = await report.gradCam(net, images.slice(0, 1));
    const [, over] = await imagesOf(svg);
    const redness = over.pixels.flat().map(([red, , blue]) => red - blue);
    expect(shareOf(redness, SIZE, corners[0])).toBeGreaterThan(0.8);
    expectBalanced(svg);
  }, 60_000);

  /** Two maps, the image and its negative, weighed by what a dense layer makes of their means. */
  function handmade(activation: 'softmax' | 'linear' = 'softmax'): Sequential {
    const net = sequential({
      name: 'net',
      layers: [
        layers.conv2d({ filters: 2, kernelSize: 1, useBias: false, name: 'maps', inputShape: [2, 2, 1] }),
        layers.globalAveragePooling2d(),
        layers.dense({ units: 2, activation, useBias: false, name: 'scores' }),
      ],
    });
    net.setWeights([tensor([1, -1], [1, 1, 1, 2]), tensor([2, 0, 0, 4], [2, 2])]);
    return net;
  }
  const image = tensor([1, 2, -1, 0], [2, 2, 1]);

  it('is the ReLU of a layer’s maps weighted by the mean gradients of the logit', async () => {
    for (const activation of ['softmax', 'linear'] as const) {
      const net = handmade(activation);
      const batch = image.reshape([1, 2, 2, 1]);
      // The gradient by each cell of map 0 is 2 / 4 for class 0, and 4 / 4 by map 1 for class 1.
      const first = await classHeat(checks, net, batch, { class: 0 });
      expect([...first.heat.values]).toEqual([0.5, 1, 0, 0]);
      const second = await classHeat(checks, net, batch, { class: 1 });
      expect([...second.heat.values]).toEqual([0, 0, 1, 0]);
      expect(first.isOfLogits).toBe(activation === 'softmax');
      expect([first.scored?.predicted, second.scored?.predicted]).toEqual([0, 0]);
    }
  });

  it('draws the image, the heat over it, and the heat alone, with a legend', async () => {
    const svg = await report.gradCam(handmade(), image);
    const captions = captionsOf(svg);
    expect(captions.map(({ heading }) => heading)).toEqual(['Image', 'Class 0 at maps']);
    const p = 1 / (1 + Math.exp(-2 * 0.5 - 4 * 0.5));
    expect(captions[1].notes.replace(/ \| /g, '; ')).toBe(
      `Conv2D, [2, 2] cells; score ${Number(p.toPrecision(3))}, the highest; gradients of its logit; ` +
        'most heat in the upper right, at row 0, column 1 of 2x2; 0; 1',
    );
    const [drawn, over, alone] = await imagesOf(svg);
    expect([drawn, over, alone].map(({ label }) => label)).toEqual([
      'channel 0',
      'class 0 at maps, over the image',
      'class 0 at maps, alone',
    ]);
    // Nothing, half of the heat in yellow, all in red.
    expect(alone.pixels.map((row) => row.map(([, , , opacity]) => opacity))).toEqual([
      [153, 230],
      [0, 0],
    ]);
    expect(alone.pixels[0]).toEqual([
      [250, 204, 21, 153],
      [220, 38, 38, 230],
    ]);
    // Greys of -1 to 2.
    expect(over.pixels[1].map(([red, green, blue]) => [red, green, blue])).toEqual([
      [0, 0, 0],
      [85, 85, 85],
    ]);
    expect(over.pixels[0][1][0]).toBeGreaterThan(over.pixels[0][1][2] + 100);
    expect((await imagesOf(svg, true)).length).toBe(2);
    expect(svg).toMatch(/aria-label="net: where class 0 is seen\. Image: .*most heat in the upper right/);
    const page = await report.page({ title: 'Seen', figures: [svg] });
    expect(page).toContain(svg);
  });

  it('accepts a class, a layer and a title, and says if there is no evidence for the class', async () => {
    const net = handmade();
    const dark = await report.gradCam(net, tensor([-1, -1, -1, -1], [2, 2, 1]), { class: 0, title: 'A <b>' });
    expect(captionsOf(dark)[1].notes).toContain('no part of the image is evidence for the class');
    expect(captionsOf(dark)[1].notes).toContain('the highest is class 1');
    expect(dark).toContain('A &lt;b&gt;');
    const named = await report.gradCam(net, image, { layer: 'maps', width: 400 });
    expect(captionsOf(named)[1].heading).toBe('Class 0 at maps');
    expect(named).toContain('width="400"');
  });

  it('finds the last feature maps before flatten, in nested models, and before an output', async () => {
    const base = sequential({
      name: 'base',
      layers: [
        layers.conv2d({ filters: 3, kernelSize: 3, inputShape: [8, 8, 1], name: 'inner' }),
        layers.maxPooling2d({ name: 'pooled' }),
        layers.globalMaxPooling2d({ keepDims: true, name: 'cell' }),
      ],
    });
    const from = input({ shape: [8, 8, 1] });
    const side = layers.conv2d({ filters: 1, kernelSize: 3, name: 'side' }).apply(from);
    const cell = base.apply(from) as SymbolicTensor;
    const flat = layers.flatten().apply(cell);
    const net = model({
      inputs: from,
      outputs: [layers.dense({ units: 2, name: 'scores' }).apply(flat), side],
    });
    const batch = tensor(new Float32Array(randomNumbers(64, 1)), [1, 8, 8, 1]);
    const found = await classHeat(checks, net, batch, { output: 'scores' });
    expect(found.layer.name).toBe('base/pooled');
    expect([found.heat.height, found.heat.width]).toEqual([3, 3]);
    await expectError(() => report.gradCam(net, batch), 'INVALID_ARGUMENT', /2 outputs \(scores, side\)/);
    await expectError(
      () => report.gradCam(net, batch, { output: 'side' }),
      'INVALID_ARGUMENT',
      /a class for each of several positions; choose one/,
    );
  });

  it('sums a class over the positions of a segmentation', async () => {
    const net = sequential({
      layers: [
        layers.conv2d({ filters: 2, kernelSize: 1, useBias: false, name: 'maps', inputShape: [600, 400, 1] }),
        layers.conv2d({ filters: 2, kernelSize: 1, useBias: false, activation: 'softmax' }),
      ],
    });
    net.setWeights([tensor([1, -1], [1, 1, 1, 2]), tensor([1, 0, 0, 2], [1, 1, 2, 2])]);
    const large = tensor(new Float32Array(240_000).fill(-1), [1, 600, 400, 1]);
    const found = await classHeat(checks, net, large, { class: 1 });
    expect([found.layer.name, found.scored]).toEqual(['maps', undefined]);
    expect([...new Set(found.heat.values)]).toEqual([2]);
    const svg = await report.gradCam(net, large, { class: 1 });
    expect(captionsOf(svg)[1].notes).toContain('gradients of its logit, summed over all positions');
  });

  it('refuses other models, layers, classes and images', async () => {
    const net = handmade();
    const refused = (options: object) => () => report.gradCam(net, image, options);
    await expectError(refused({ class: 2 }), 'INVALID_ARGUMENT', /class is 2; the model has 2, from 0/);
    await expectError(refused({ class: 'cat' }), 'INVALID_ARGUMENT', /class is 'cat'/);
    await expectError(refused({ layer: 'map' }), 'INVALID_ARGUMENT', /did you mean 'maps'/);
    await expectError(
      refused({ layer: 'scores' }),
      'SHAPE_MISMATCH',
      /scores gives \[2\]; Grad-CAM needs a layer with feature maps/,
    );
    await expectError(refused({ layers: ['maps'] }), 'UNKNOWN_OPTION', /did you mean 'layer'/);
    await expectError(
      () => report.gradCam(net, tensor([1, 2], [1, 2])),
      'SHAPE_MISMATCH',
      /takes one of \[2, 2, 1\]/,
    );
    const flat = sequential({
      layers: [layers.flatten({ inputShape: [2, 2, 1] }), layers.dense({ units: 2 })],
    });
    await expectError(() => report.gradCam(flat, image), 'INVALID_ARGUMENT', /no layer with feature maps/);
    const gradient: PendingTensor | Tensor = await net.predict(image.reshape([1, 2, 2, 1]));
    expect(gradient.shape).toEqual([1, 2]);
  });
});
