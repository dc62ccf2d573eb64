import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type applications, datasets, setSeed, type Tensor, tensor } from 'convforge';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildNetwork, measure, trainNetwork } from '../../examples/recipe.js';
import { runExample } from '../support/run-example.js';

const SMALL: applications.Recipe = {
  name: 'small',
  stages: [[4], [8, 8]],
  epochs: 12,
  batchSize: 20,
  maxLearningRate: 0.02,
  weightDecay: 0.01,
  labelSmoothing: 0.05,
  augment: { flip: true, shift: 0.03 },
};

/** Images of a bright bar, whose height above the bottom is the label. */
function drawBars(count: number): datasets.LabelledImages {
  const pixels = new Uint8Array(count * 28 * 28);
  const labels = Int32Array.from({ length: count }, (_, i) => i % 10);
  for (const [i, label] of labels.entries()) {
    const top = i * 784 + (25 - 2 * label) * 28;
    pixels.fill(255, top, top + 56);
  }
  return { images: tensor(pixels, [count, 28, 28, 1], 'uint8'), labels: tensor(labels, [count], 'int32') };
}

describe('the network of the recipes', () => {
  it('has a convolution per number in its stages, and a pooling per stage', () => {
    const net = buildNetwork(SMALL);
    const count = (layer: string) => net.layers.filter((each) => each.getClassName() === layer).length;
    expect([count('Conv2D'), count('BatchNormalization'), count('MaxPooling2D')]).toEqual([3, 3, 2]);
    // 3x3 kernels, four numbers for each normalized channel, and the dense layer on 7x7x8 values.
    expect(net.countParams()).toBe(9 * (4 + 4 * 8 + 8 * 8) + 4 * 20 + (7 * 7 * 8 + 1) * 10);
  });

  afterEach(() => vi.restoreAllMocks());

  it('learns to locate a bar, reproducibly by seed', async () => {
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const bars = drawBars(100);
    const run = async (seed: number) => {
      setSeed(seed);
      const net = buildNetwork(SMALL);
      await trainNetwork(net, SMALL, bars);
      return { accuracy: await measure(net, bars), scores: [...(await net.predict(bars.images).data())] };
    };
    const [first, again, other] = [await run(1), await run(1), await run(2)];
    expect(first.accuracy).toBeGreaterThan(0.9);
    expect(again.scores).toEqual(first.scores);
    expect(other.scores).not.toEqual(first.scores);
  });

  it('is tested on the summed scores of an image and its mirror image', async () => {
    const images = tensor([255, 0], [1, 1, 2, 1], 'uint8');
    const predict = async (x: Tensor) => tensor(x.dataSync()[0] > 0 ? [[0.6, 0.4]] : [[0.1, 0.9]]);
    const accuracyIf = (label: number) =>
      measure({ predict } as never, { images, labels: tensor([label], [1], 'int32') });
    expect([await accuracyIf(0), await accuracyIf(1)]).toEqual([0, 1]);
  });
});

describe('examples of recipes', async () => {
  const isThere = await datasets.fashionMnist().then(
    () => true,
    () => false,
  );

  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'convforge-recipes-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.skipIf(!isThere).each([
    { name: 'fashion-93', weights: 78_234 },
    { name: 'fashion-94', weights: 115_354 },
  ])('$name learns from a handful of images', async ({ name, weights }) => {
    const env = { RECIPE_EPOCHS: '3', RECIPE_IMAGES: '256', RECIPE_HOLD_OUT: '100' };
    const output = await runExample(folder, `${name}.ts`, env, '3');
    expect(output).toContain(`${name}: ${weights} weights, seed 3\n`);
    const losses = [...output.matchAll(/ loss ([\d.]+)/g)].map(([, loss]) => Number(loss));
    expect(losses).toHaveLength(3);
    expect(losses[2]).toBeLessThan(losses[0] * 0.8);
    expect(Number(/Held-out accuracy: ([\d.]+) %/.exec(output)?.[1])).toBeGreaterThan(30);
  });
});
