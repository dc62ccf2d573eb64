import { describe, expect, it } from 'vitest';
import * as tf from '../../lib/index.js';
import { describeOptimizer } from '../../lib/report/describe-optimizer.js';

describe('describeOptimizer', () => {
  it('names the learning rate', () => {
    expect(describeOptimizer(tf.optimizers.adam())).toBe('Adam, learning rate 0.001');
    expect(describeOptimizer(tf.train.sgd(0.1))).toBe('SGD, learning rate 0.1');
  });

  it('names settings that are not the defaults', () => {
    const optimizer = tf.optimizers.sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true });
    expect(describeOptimizer(optimizer)).toBe('SGD, learning rate 0.1, momentum 0.9, nesterov true');
    expect(describeOptimizer(tf.optimizers.adam({ weightDecay: 0.01, useEma: true, epsilon: 1e-7 }))).toBe(
      'Adam, learning rate 0.001, weight decay 0.01, use ema true, ema momentum 0.99',
    );
  });

  it("knows AdamW's own defaults", () => {
    expect(describeOptimizer(tf.optimizers.adamw())).toBe('AdamW, learning rate 0.001');
  });

  it('names a schedule with its numbers', () => {
    const learningRate = tf.optimizers.schedules.exponentialDecay({
      initialLearningRate: 0.1,
      decaySteps: 100,
      decayRate: 0.5,
    });
    expect(describeOptimizer(tf.optimizers.sgd({ learningRate }))).toBe(
      'SGD, learning rate ExponentialDecay (initial learning rate 0.1, decay steps 100, decay rate 0.5)',
    );
  });
});
