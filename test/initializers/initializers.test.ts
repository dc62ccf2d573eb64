import { describe, expect, it } from 'vitest';
import { fans } from '../../lib/initializers/fans.js';
import * as initializers from '../../lib/initializers/index.js';
import { getInitializer, type InitializerIdentifier } from '../../lib/initializers/index.js';
import { RandomGenerator } from '../../lib/random/index.js';

const random = () => new RandomGenerator(11);

function stddev(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

describe('fans', () => {
  it.each([
    { shape: [], fanIn: 1, fanOut: 1 },
    { shape: [7], fanIn: 7, fanOut: 7 },
    { shape: [3, 4], fanIn: 3, fanOut: 4 },
    { shape: [5, 5, 2, 8], fanIn: 50, fanOut: 200 },
  ])('of $shape are $fanIn and $fanOut', ({ shape, fanIn, fanOut }) => {
    expect(fans(shape)).toEqual({ fanIn, fanOut });
  });
});

describe('constant initializers', () => {
  it('fill a tensor with one value', () => {
    expect([...initializers.zeros().build([2, 2])]).toEqual([0, 0, 0, 0]);
    expect([...initializers.ones().build([3])]).toEqual([1, 1, 1]);
    expect([...initializers.constant({ value: -2.5 }).build([2])]).toEqual([-2.5, -2.5]);
  });
});

// The kernel [5, 5, 8, 16]: fanIn 200, fanOut 400.
const SHAPE = [5, 5, 8, 16];
const TRUNCATED = 0.87962566103423978;

describe('uniform initializers', () => {
  it.each([
    { name: 'glorotUniform', limit: Math.sqrt(6 / 600) },
    { name: 'heUniform', limit: Math.sqrt(6 / 200) },
    { name: 'leCunUniform', limit: Math.sqrt(3 / 200) },
    { name: 'randomUniform', limit: 0.05 },
  ] as const)('$name fills [-limit, limit]', ({ name, limit }) => {
    const values = getInitializer(name).build(SHAPE, random());
    expect(values).toHaveLength(3200);
    const largest = Math.max(...values.map(Math.abs));
    expect(largest).toBeLessThanOrEqual(Math.fround(limit));
    expect(largest).toBeGreaterThan(limit * 0.99);
    expect(Math.abs(stddev(values) / (limit / Math.sqrt(3)) - 1)).toBeLessThan(0.03);
  });
});

describe('normal initializers', () => {
  it.each([
    { name: 'glorotNormal', expected: Math.sqrt(2 / 600), bound: (2 * Math.sqrt(2 / 600)) / TRUNCATED },
    { name: 'heNormal', expected: Math.sqrt(2 / 200), bound: (2 * Math.sqrt(2 / 200)) / TRUNCATED },
    { name: 'leCunNormal', expected: Math.sqrt(1 / 200), bound: (2 * Math.sqrt(1 / 200)) / TRUNCATED },
    { name: 'truncatedNormal', expected: 0.05 * TRUNCATED, bound: 0.1 },
    { name: 'randomNormal', expected: 0.05, bound: Number.POSITIVE_INFINITY },
  ] as const)('$name has the standard deviation $expected', ({ name, expected, bound }) => {
    const values = getInitializer(name).build(SHAPE, random());
    expect(Math.abs(stddev(values) / expected - 1)).toBeLessThan(0.04);
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(bound);
  });

  it('takes mean and stddev', () => {
    const values = initializers.randomNormal({ mean: 3, stddev: 0 }).build([4], random());
    expect([...values]).toEqual([3, 3, 3, 3]);
  });
});

describe('varianceScaling', () => {
  it('is glorotUniform with scale 1, fanAvg and uniform', () => {
    const scaling = initializers.varianceScaling({ mode: 'fanAvg', distribution: 'uniform' });
    expect(scaling.build(SHAPE, random())).toEqual(initializers.glorotUniform().build(SHAPE, random()));
  });

  it("reads Keras's spelling", () => {
    const config = { scale: 2, mode: 'fan_out', distribution: 'untruncated_normal', seed: null };
    const scaling = getInitializer({ className: 'VarianceScaling', config });
    expect(scaling.getConfig()).toEqual({
      scale: 2,
      mode: 'fanOut',
      distribution: 'untruncatedNormal',
      seed: null,
    });
    expect(Math.abs(stddev(scaling.build(SHAPE, random())) / Math.sqrt(2 / 400) - 1)).toBeLessThan(0.04);
  });
});

describe('seeds', () => {
  it('draw from the given generator if they have no seed', () => {
    const initializer = initializers.glorotUniform();
    expect(initializer.build([9], new RandomGenerator(1))).not.toEqual(
      initializer.build([9], new RandomGenerator(2)),
    );
    expect(initializer.build([9], new RandomGenerator(1))).toEqual(
      initializer.build([9], new RandomGenerator(1)),
    );
  });

  it('make them independent of the given generator', () => {
    const initializer = initializers.glorotUniform({ seed: 5 });
    expect(initializer.build([9], new RandomGenerator(1))).toEqual(
      initializer.build([9], new RandomGenerator(2)),
    );
    expect(initializer.build([9], random())).not.toEqual(
      initializers.glorotUniform({ seed: 6 }).build([9], random()),
    );
  });
});

describe('getInitializer', () => {
  it('accepts each spelling, a description, and an initializer', () => {
    for (const name of ['glorotUniform', 'glorot_uniform', 'GlorotUniform']) {
      expect(getInitializer(name as InitializerIdentifier).className).toBe('GlorotUniform');
    }
    expect(getInitializer('lecun_normal').className).toBe('LeCunNormal');
    const own = initializers.heNormal({ seed: 3 });
    expect(getInitializer(own)).toBe(own);
  });

  it('accepts a custom initializer', () => {
    class Threes extends initializers.Initializer {
      readonly className = 'Threes';
      build() {
        return new Float32Array(2).fill(3);
      }
    }
    const own = new Threes();
    expect(getInitializer(own)).toBe(own);
    expect(own.getConfig()).toEqual({});
  });

  it('rebuilds every initializer from its class name and config', () => {
    const all = [
      initializers.zeros(),
      initializers.ones(),
      initializers.constant({ value: 2 }),
      initializers.randomUniform({ minval: -1, maxval: 2, seed: 1 }),
      initializers.randomNormal({ mean: 1, stddev: 2, seed: 2 }),
      initializers.truncatedNormal({ mean: 1, stddev: 2, seed: 2 }),
      initializers.varianceScaling({ scale: 3, mode: 'fanOut', distribution: 'uniform', seed: 3 }),
      initializers.glorotUniform({ seed: 4 }),
      initializers.glorotNormal({ seed: 4 }),
      initializers.heUniform({ seed: 4 }),
      initializers.heNormal({ seed: 4 }),
      initializers.leCunUniform({ seed: 4 }),
      initializers.leCunNormal({ seed: 4 }),
    ];
    for (const initializer of all) {
      const again = getInitializer({ className: initializer.className, config: initializer.getConfig() });
      expect(again.constructor).toBe(initializer.constructor);
      expect(again.getConfig()).toEqual(initializer.getConfig());
      expect(again.build([3, 4], random())).toEqual(initializer.build([3, 4], random()));
    }
  });

  it.each([
    { given: 'glorotUnifrom', text: "did you mean 'glorotUniform'?" },
    { given: '__proto__', text: '__proto__' },
    { given: { className: 'constructor' }, text: 'constructor' },
    { given: 3, text: '3 is not a known initializer' },
    { given: null, text: 'null is not a known initializer' },
    { given: { className: 'VarianceScaling', config: { mode: 'toString' } }, text: "mode is 'toString'" },
    { given: { className: 'VarianceScaling', config: { scale: 0 } }, text: 'scale is 0' },
    { given: { className: 'RandomUniform', config: { minval: 1, maxval: 0 } }, text: 'maxval is 0' },
    { given: { className: 'RandomNormal', config: { stddev: -1 } }, text: 'stddev is -1' },
    { given: { className: 'GlorotUniform', config: { seed: -1 } }, text: 'seed is -1' },
  ])('refuses $given', ({ given, text }) => {
    expect(() => getInitializer(given as InitializerIdentifier)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(text) }),
    );
  });

  it('refuses an unknown option, and names the nearest', () => {
    for (const [className, known] of [
      ['Constant', 'value'],
      ['GlorotUniform', 'seed'],
    ]) {
      expect(() => getInitializer({ className, config: { [`${known}s`]: 1 } })).toThrow(
        expect.objectContaining({
          code: 'UNKNOWN_OPTION',
          message: expect.stringContaining(`did you mean '${known}'`),
        }),
      );
    }
    expect(() => getInitializer({ className: 'Zeros', config: { value: 1 } })).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_OPTION' }),
    );
  });
});

describe('orthogonal and identity', () => {
  it.each([[[6, 4]], [[4, 6]], [[2, 3, 4]], [[1, 2, 2, 5]]])('orthogonal %j', (shape) => {
    const columns = shape[shape.length - 1];
    const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1);
    const values = initializers.orthogonal({ gain: 2, seed: 3 }).build(shape, new RandomGenerator(1));
    expect(initializers.orthogonal({ gain: 2, seed: 3 }).build(shape, new RandomGenerator(2))).toEqual(
      values,
    );
    const count = Math.min(rows, columns);
    const at = (vector: number, i: number) =>
      values[rows >= columns ? i * columns + vector : vector * columns + i];
    for (let a = 0; a < count; a++) {
      for (let b = 0; b < count; b++) {
        let product = 0;
        for (let i = 0; i < Math.max(rows, columns); i++) product += at(a, i) * at(b, i);
        expect(product).toBeCloseTo(a === b ? 4 : 0, 5);
      }
    }
  });

  it('identity', () => {
    const values = initializers.identity({ gain: 3 }).build([2, 3]);
    expect(Array.from(values)).toEqual([3, 0, 0, 0, 3, 0]);
    expect(() => initializers.identity().build([2, 2, 2])).toThrow('not a matrix');
    expect(() => initializers.orthogonal().build([2], new RandomGenerator(1))).toThrow('two axes');
    expect(initializers.getInitializer('identity').getConfig()).toEqual({ gain: 1 });
  });
});
