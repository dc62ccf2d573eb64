import { describe, expect, it } from 'vitest';
import { setSeed } from '../../lib/random/index.js';
import * as tf from '../../lib/tensor/index.js';

const moments = (tensor: tf.Tensor) => {
  const { mean, variance } = tf.moments(tensor);
  return [mean.dataSync()[0], variance.dataSync()[0]];
};

describe('random tensors', () => {
  it('have the distributions of their names', () => {
    const [uniformMean, uniformVariance] = moments(tf.randomUniform([20_000], -1, 3, 'float32', 1));
    expect(uniformMean).toBeCloseTo(1, 1);
    expect(uniformVariance).toBeCloseTo(16 / 12, 1);
    const [normalMean, normalVariance] = moments(tf.randomNormal([20_000], 5, 2, 'float32', 1));
    expect(normalMean).toBeCloseTo(5, 1);
    expect(Math.abs(normalVariance - 4)).toBeLessThan(0.15);
    const cut = tf.truncatedNormal([20_000], 1, 2, 'float32', 1);
    expect([cut.min().dataSync()[0] >= -3, cut.max().dataSync()[0] <= 5]).toEqual([true, true]);
    expect(Math.sqrt(moments(cut)[1])).toBeCloseTo(2 * 0.8796, 1);
  });

  it('are integers of their range, equally likely', () => {
    const dice = tf.randomUniform([6000], -3, 3, 'int32', 2);
    expect(dice.dtype).toBe('int32');
    const counts = [-3, -2, -1, 0, 1, 2].map((side) => dice.equal(side).sum().dataSync()[0]);
    expect(counts.reduce((a, b) => a + b)).toBe(6000);
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('are reproducible by seed, their own or the global one', () => {
    const own = () => [...tf.randomNormal([5], 0, 1, 'float32', 7).dataSync()];
    expect(own()).toEqual(own());
    const global = () => {
      setSeed(3);
      return [...tf.randomUniform([5]).dataSync()];
    };
    expect(global()).toEqual(global());
    expect([...tf.randomUniform([5]).dataSync()]).not.toEqual(global());
    expect(() => tf.randomUniform([1], 0, 1, 'float32', -1)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('seed is -1') }),
    );
  });
});
