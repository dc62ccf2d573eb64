import { describe, expect, test } from 'vitest';
import { ReferenceProgram } from '../../lib/program/reference-engine/index.js';
import { randomAffine, randomCrop, randomFlip, randomTone } from '../support/augmentation-links.js';
import { chain, type Link, training, shapeAfter } from '../support/chain.js';
import { gradientsOf } from '../support/one-batch.js';

// The meaning of the ops, on the reference engine. native-augmentation-vs-reference.test.ts compares the
// native engine with it.

/** The outputs of one link in training, sample by sample. */
function augmented(
  link: Link,
  shape: number[],
  x: ArrayLike<number>,
  random = { seed: 5, step: 2 },
): number[][] {
  const program = new ReferenceProgram(chain(shape, [link], training('halfSquaredError')), 'float64');
  const size = shapeAfter(link, shape).reduce((product, length) => product * length, 1);
  const samples = x.length / program.inputSizes[0];
  const { outputs } = gradientsOf(program, Float64Array.from(x), new Float64Array(samples * size), random);
  return Array.from({ length: samples }, (_, n) => [...outputs.slice(n * size, (n + 1) * size)]);
}

/** Repeats an image. */
const copies = (image: number[], samples: number) => Array.from({ length: samples }, () => image).flat();

/** A 3x3 image. */
const NINE = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const nine = (link: Link) => augmented(link, [3, 3, 1], NINE)[0];
/** A range with equal bounds. */
const always = (...factors: number[]) => factors.flatMap((factor) => [factor, factor]);

describe('randomFlip', () => {
  const turned = [3, 2, 1, 6, 5, 4, 9, 8, 7];
  const upsideDown = [7, 8, 9, 4, 5, 6, 1, 2, 3];
  const both = [9, 8, 7, 6, 5, 4, 3, 2, 1];

  test.each([
    [true, false, [NINE, turned]],
    [false, true, [NINE, upsideDown]],
    [true, true, [NINE, turned, upsideDown, both]],
    [false, false, [NINE]],
  ])('horizontally %s, vertically %s gives each outcome equally often', (horizontal, vertical, outcomes) => {
    const samples = 2000;
    const results = augmented(randomFlip(horizontal, vertical), [3, 3, 1], copies(NINE, samples)).map(String);
    expect(new Set(results)).toEqual(new Set(outcomes.map(String)));
    const share = 1 / outcomes.length;
    for (const outcome of outcomes) {
      const count = results.filter((result) => result === String(outcome)).length;
      expect(Math.abs(count / samples - share)).toBeLessThanOrEqual(
        5 * Math.sqrt((share * (1 - share)) / samples),
      );
    }
  });

  test('draws anew in each step, by the seed of the run or its own', () => {
    const flips = (random: { seed: number; step: number }, own = {}) =>
      String(augmented(randomFlip(true, true, own), [3, 3, 1], copies(NINE, 40), random));
    const first = flips({ seed: 1, step: 0 });
    expect(flips({ seed: 1, step: 0 })).toBe(first);
    expect(flips({ seed: 1, step: 1 })).not.toBe(first);
    expect(flips({ seed: 2, step: 0 })).not.toBe(first);
    expect(flips({ seed: 2, step: 0 }, { seed: 1 })).toBe(first);
    expect(flips({ seed: 1, step: 0 }, { stream: 4 })).not.toBe(first);
  });
});

describe('randomAffine', () => {
  test.each([
    ['constant', [0, 0, 0, 1, 2, 3, 4, 5, 6], [2, 3, 0, 5, 6, 0, 8, 9, 0]],
    ['reflect', [1, 2, 3, 1, 2, 3, 4, 5, 6], [2, 3, 3, 5, 6, 6, 8, 9, 9]],
    ['wrap', [7, 8, 9, 1, 2, 3, 4, 5, 6], [2, 3, 1, 5, 6, 4, 8, 9, 7]],
    ['nearest', [1, 2, 3, 1, 2, 3, 4, 5, 6], [2, 3, 3, 5, 6, 6, 8, 9, 9]],
  ])('moves a pixel down, or left, with fill mode %s', (fill, down, left) => {
    const third = 1 / 3;
    const options = { fill, interpolation: 'nearest' };
    expect(nine(randomAffine('translation', always(third, 0), options))).toEqual(down);
    expect(nine(randomAffine('translation', always(0, -third), options))).toEqual(left);
  });

  test('reflect and nearest differ two pixels outside', () => {
    const moved = (fill: string) =>
      nine(randomAffine('translation', always(2 / 3, 0), { fill, interpolation: 'nearest' })).slice(0, 3);
    expect(moved('reflect')).toEqual([4, 5, 6]);
    expect(moved('nearest')).toEqual([1, 2, 3]);
  });

  test('interpolates between pixels, and between pixel and constant', () => {
    const link = randomAffine('translation', always(0.125, 0), { fill: 'constant', fillValue: -8 });
    const [moved] = augmented(link, [2, 2, 1], [0, 4, 8, 12]);
    expect(moved).toEqual([-2, 1, 6, 10]);
  });

  test('rotates counterclockwise', () => {
    const quarter = [3, 6, 9, 2, 5, 8, 1, 4, 7];
    for (const interpolation of ['bilinear', 'nearest']) {
      expect(nine(randomAffine('rotation', always(0.25), { interpolation }))).toEqual(quarter);
      expect(nine(randomAffine('rotation', always(-0.5), { interpolation }))).toEqual([...NINE].reverse());
    }
  });

  test('rotates by an eighth around the center', () => {
    const turned = nine(randomAffine('rotation', always(0.125), { fill: 'constant' }));
    const half = Math.SQRT1_2;
    expect(turned[4]).toBeCloseTo(5, 12);
    // The pixel right of the centre comes from the lower right, at (0.707, 0.707) from the centre.
    expect(turned[5]).toBeCloseTo(5 + half * 3 + half, 12);
    expect(turned[1]).toBeCloseTo(5 - half * 3 + half, 12);
  });

  test('zooms out by positive factors, in by negative ones, per axis or equally', () => {
    expect(nine(randomAffine('zoom', always(1, 0), { fill: 'constant' }))).toEqual([
      0, 0, 0, 4, 5, 6, 0, 0, 0,
    ]);
    expect(nine(randomAffine('zoom', always(0, -0.5)))).toEqual([1.5, 2, 2.5, 4.5, 5, 5.5, 7.5, 8, 8.5]);
    const zooms = (keepAspect: boolean) =>
      augmented(randomAffine('zoom', [-0.9, 0, -0.9, 0], { keepAspect }), [3, 3, 1], copies(NINE, 50)).map(
        ([, top, , left]) => (5 - top) / 3 - (5 - left),
      );
    for (const difference of zooms(true)) expect(difference).toBeCloseTo(0, 12);
    expect(Math.max(...zooms(false).map(Math.abs))).toBeGreaterThan(0.3);
  });

  test('draws uniformly from its range', () => {
    const samples = 4000;
    const ramp = Array.from({ length: 64 }, (_, column) => column);
    const link = randomAffine('translation', [0, 0, -0.25, 0.125], { fill: 'reflect' });
    const shifts = augmented(link, [1, 64, 1], copies(ramp, samples)).map((row) => (32 - row[32]) / 64);
    const mean = shifts.reduce((sum, shift) => sum + shift, 0) / samples;
    expect(Math.abs(mean + 0.0625)).toBeLessThan((5 * 0.375) / Math.sqrt(12 * samples));
    expect(Math.min(...shifts)).toBeGreaterThanOrEqual(-0.25);
    expect(Math.min(...shifts)).toBeLessThan(-0.245);
    expect(Math.max(...shifts)).toBeLessThanOrEqual(0.125);
    expect(Math.max(...shifts)).toBeGreaterThan(0.12);
  });
});

describe('randomCrop', () => {
  test('takes each window equally often', () => {
    const samples = 3000;
    const windows = augmented(randomCrop(2, 3), [3, 4, 1], copies([...Array(12).keys()], samples));
    const firsts = [0, 1, 4, 5];
    for (const window of windows) {
      expect(window).toEqual([0, 1, 2, 4, 5, 6].map((offset) => window[0] + offset));
    }
    for (const first of firsts) {
      const count = windows.filter(([corner]) => corner === first).length;
      expect(Math.abs(count / samples - 1 / 4)).toBeLessThan(5 * Math.sqrt(3 / 16 / samples));
    }
    expect(new Set(windows.map(([corner]) => corner))).toEqual(new Set(firsts));
  });

  test('resizes the largest centered window outside training', () => {
    const program = new ReferenceProgram(chain([2, 5, 1], [randomCrop(1, 1)]), 'float64');
    // Columns 1 and 2 of five: the column too many is left out on the right.
    expect([...program.runHere([Float32Array.of(0, 1, 2, 3, 4, 10, 11, 12, 13, 14)], 1)[0]]).toEqual([6.5]);
  });
});

describe('randomTone', () => {
  /** Two pixels of two channels, with means of 4 and 10. */
  const FOUR = [2, 10, 6, 10];
  const toned = (...tone: Parameters<typeof randomTone>) =>
    augmented(randomTone(...tone), [1, 2, 2], FOUR)[0];

  test("of contrast scales around each channel's mean per image", () => {
    const halved = randomTone('contrast', [0.5, 0.5], [0, 255]);
    expect(toned('contrast', [0.5, 0.5], [0, 255])).toEqual([3, 10, 5, 10]);
    expect(toned('contrast', [2, 2], [0, 255])).toEqual([0, 10, 8, 10]);
    expect(toned('contrast', [0, 0], [0, 255])).toEqual([4, 10, 4, 10]);
    expect(augmented(halved, [1, 2, 2], [...FOUR, 0, 0, 8, 4])[1]).toEqual([2, 1, 6, 3]);
  });

  test('of brightness adds one offset to all values', () => {
    expect(toned('brightness', [1.5, 1.5], [0, 255])).toEqual([3.5, 11.5, 7.5, 11.5]);
    expect(toned('brightness', [-1, -1], [0, 255])).toEqual([1, 9, 5, 9]);
  });

  test('clips to its limits', () => {
    expect(toned('contrast', [4, 4], [0, 8])).toEqual([0, 8, 8, 8]);
    expect(toned('brightness', [-3, -3], [0, 5])).toEqual([0, 5, 3, 5]);
    // The image is clipped even if nothing else changes.
    expect(toned('brightness', [0, 0], [3, 9])).toEqual([3, 9, 6, 9]);
  });

  test('passes gradients within its limits, inclusive', () => {
    const gradient = (link: Link, x: number[]) => {
      const program = new ReferenceProgram(chain([1, 2, 2], [link], training('halfSquaredError')), 'float64');
      const { outputs } = gradientsOf(program, Float64Array.from(x), new Float64Array(4));
      // Half the squared distance to y - g has the gradient g by y.
      const target = outputs.map((y, i) => y - [1, 2, 4, 8][i]);
      return [...gradientsOf(program, Float64Array.from(x), target).inputGradient];
    };
    expect(gradient(randomTone('brightness', [1, 1], [3, 11]), FOUR)).toEqual([1, 2, 4, 8]);
    expect(gradient(randomTone('brightness', [1, 1], [3.5, 10.5]), FOUR)).toEqual([0, 0, 4, 0]);
    // 3 times its own gradient, minus twice the mean gradient of the channel.
    expect(gradient(randomTone('contrast', [3, 3], [-2, 10]), FOUR)).toEqual([-2, -4, 7, 14]);
    expect(gradient(randomTone('contrast', [3, 3], [-1, 10]), FOUR)).toEqual([-4, -4, 8, 14]);
  });

  test.each(['contrast', 'brightness'] as const)('of %s draws uniformly from its range', (kind) => {
    const samples = 4000;
    const outputs = augmented(randomTone(kind, [0.25, 1.75], [-9, 9]), [1, 2, 1], copies([-1, 1], samples));
    const draws = outputs.map(([, y]) => (kind === 'contrast' ? y : y - 1));
    const mean = draws.reduce((sum, draw) => sum + draw, 0) / samples;
    expect(Math.abs(mean - 1)).toBeLessThan((5 * 1.5) / Math.sqrt(12 * samples));
    for (let part = 0; part < 4; part++) {
      const inPart = draws.filter((draw) => Math.floor((draw - 0.25) / 0.375) === part).length;
      expect(Math.abs(inPart / samples - 1 / 4)).toBeLessThan(5 * Math.sqrt(3 / 16 / samples));
    }
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(0.25);
    expect(Math.max(...draws)).toBeLessThanOrEqual(1.75);
  });

  test('draws anew in each step, by the seed of the run or its own', () => {
    const first = { seed: 1, step: 0 };
    const tones = (random = first, own = {}) =>
      String(augmented(randomTone('brightness', [0, 1], [0, 9], own), [1, 1, 1], copies([1], 4), random));
    expect(tones()).toBe(tones());
    expect(tones({ seed: 1, step: 1 })).not.toBe(tones());
    expect(tones({ seed: 2, step: 0 })).not.toBe(tones());
    expect(tones({ seed: 2, step: 0 }, { seed: 1 })).toBe(tones());
    expect(tones(first, { stream: 4 })).not.toBe(tones());
  });
});
