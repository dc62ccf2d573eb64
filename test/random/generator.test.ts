import { describe, expect, it } from 'vitest';
import { nextSeed, RandomGenerator, setSeed } from '../../lib/random/index.js';
import { naturalLogarithm } from '../../lib/random/logarithm.js';

function moments(draw: () => number, count: number): { mean: number; variance: number } {
  const values = Array.from({ length: count }, draw);
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count };
}

describe('RandomGenerator', () => {
  it('gives the same numbers for the same seed, and others for another', () => {
    const draw = (seed: number) => {
      const random = new RandomGenerator(seed);
      return Array.from({ length: 9 }, () => random.uniform());
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(draw(2 ** 32 + 7)).not.toEqual(draw(7));
  });

  it('goes on from a state as it would have, wherever that was taken', () => {
    const random = new RandomGenerator(2 ** 40 + 3);
    for (let i = 0; i < 20; i++) {
      const state = random.getState();
      const next = Array.from({ length: 9 }, () => [random.uniform(), random.normal()]);
      const other = new RandomGenerator(0);
      other.setState(JSON.parse(JSON.stringify(state)));
      expect(Array.from({ length: 9 }, () => [other.uniform(), other.normal()])).toEqual(next);
      random.setState(state);
      if (i % 3 === 0) random.normal();
      else random.integer(7);
    }
  });

  it('draws uniform numbers in [0, 1) with the right moments', () => {
    const random = new RandomGenerator(1);
    const values = Array.from({ length: 20_000 }, () => random.uniform());
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    const { mean, variance } = moments(() => random.uniform(), 20_000);
    expect(mean).toBeCloseTo(0.5, 1.9);
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.002);
  });

  it('draws each integer below the bound about equally often', () => {
    const random = new RandomGenerator(2);
    const counts = new Array(7).fill(0);
    for (let i = 0; i < 14_000; i++) counts[random.integer(7)]++;
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
    expect(random.integer(1)).toBe(0);
    expect(Number.isSafeInteger(random.integer(2 ** 53))).toBe(true);
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 53 + 2])('refuses the bound %d', (bound) => {
    expect(() => new RandomGenerator(0).integer(bound)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(String(bound)) }),
    );
  });

  it('draws normal numbers with mean 0, variance 1 and the tails of a normal distribution', () => {
    const random = new RandomGenerator(3);
    const values = Array.from({ length: 40_000 }, () => random.normal());
    let next = 0;
    const { mean, variance } = moments(() => values[next++], values.length);
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(Math.abs(variance - 1)).toBeLessThan(0.03);
    const beyond = values.filter((value) => Math.abs(value) > 2).length / values.length;
    expect(Math.abs(beyond - 0.0455)).toBeLessThan(0.005);
  });

  it('draws truncated normal numbers within 2, with the corresponding standard deviation', () => {
    const random = new RandomGenerator(4);
    const values = Array.from({ length: 40_000 }, () => random.truncatedNormal());
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(2);
    let next = 0;
    const { variance } = moments(() => values[next++], values.length);
    expect(Math.abs(Math.sqrt(variance) - 0.87962566)).toBeLessThan(0.01);
  });

  it('draws permutations in varying orders', () => {
    const random = new RandomGenerator(5);
    const first = random.permutation(100);
    expect([...first].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect([...random.permutation(100)]).not.toEqual([...first]);
    expect(random.permutation(0)).toHaveLength(0);
  });

  it('gives every permutation about equally often', () => {
    const random = new RandomGenerator(6);
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const key = random.permutation(3).join('');
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 53, '1'])('refuses the seed %s', (seed) => {
    expect(() => new RandomGenerator(seed as number)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('[0, 2^53)') }),
    );
  });
});

describe('naturalLogarithm', () => {
  it('is within 4 ulp of Math.log', () => {
    const random = new RandomGenerator(9);
    for (let i = 0; i < 2000; i++) {
      const x = random.uniform() * 10 ** (random.integer(40) - 20) + Number.MIN_VALUE * 2 ** 60;
      const expected = Math.log(x);
      expect(Math.abs(naturalLogarithm(x) - expected)).toBeLessThanOrEqual(
        4 * 2 ** -53 * Math.max(Math.abs(expected), 0.01),
      );
    }
    expect(naturalLogarithm(1)).toBe(0);
  });
});

describe('setSeed', () => {
  it('makes later seeds reproducible', () => {
    setSeed(42);
    const first = [nextSeed(), nextSeed()];
    setSeed(42);
    expect([nextSeed(), nextSeed()]).toEqual(first);
    expect(first[0]).not.toBe(first[1]);
    setSeed(43);
    expect(nextSeed()).not.toBe(first[0]);
  });

  it('refuses invalid seeds', () => {
    expect(() => setSeed(-3)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});
