import { describe, expect, it } from 'vitest';
import * as tf from '../lib/index.js';
import { nearest } from '../lib/suggestions.js';

describe('nearest', () => {
  it('goes by spelling, ignoring case', () => {
    expect(nearest('filtres', ['filters', 'padding', 'strides'])).toBe('filters');
    expect(nearest('KERNELSIZE', ['kernelSize', 'poolSize'])).toBe('kernelSize');
    expect(nearest('kernel_size', ['poolSize', 'kernelSize'])).toBe('kernelSize');
    expect(nearest('pading', ['pooling', 'padding'])).toBe('padding');
  });

  it.each([
    ['lr', ['loss', 'learningRate', 'rho'], 'learningRate'],
    ['numFilters', ['kernelSize', 'filters'], 'filters'],
    ['out_channels', ['kernelSize', 'filters'], 'filters'],
    ['bias', ['biasInitializer', 'useBias'], 'useBias'],
    ['p', ['rate', 'seed'], 'rate'],
    ['shape', ['inputShape', 'batchInputShape'], 'inputShape'],
  ])('goes by meaning: %s', (word, candidates, expected) => {
    expect(nearest(word, candidates)).toBe(expected);
  });

  it('goes by prefixes and common words', () => {
    expect(nearest('regular', ['kernelRegularizer', 'regularizer', 'rate'])).toBe('regularizer');
    expect(nearest('momentumOfStatistics', ['momentum', 'epsilon'])).toBe('momentum');
    expect(nearest('sizeOfPool', ['padding', 'poolSize'])).toBe('poolSize');
  });

  it('finds none if all are too different', () => {
    expect(nearest('zebra', ['filters', 'padding'])).toBeUndefined();
    expect(nearest('', ['filters'])).toBeUndefined();
  });

  it('appears in errors', () => {
    const wrong = { filters: 8, kernelSize: 9, dilation: [2, 2] } as never;
    expect(() => tf.layers.separableConv2d(wrong)).toThrow("did you mean 'dilationRate'?");
    expect(() => tf.optimizers.adam({ lr: 0.1 } as never)).toThrow("did you mean 'learningRate'?");
  });
});
