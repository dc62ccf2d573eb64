import { describe, expect, it } from 'vitest';
import * as tf from '../lib/index.js';

describe('the main entry', () => {
  it('has by name what scripts reach for under tf', () => {
    const paths = [
      'sequential',
      'layers.conv2d',
      'layers.depthwiseConv2d',
      'layers.maxPooling2d',
      'layers.sumPooling2d',
      'layers.flatten',
      'layers.dense',
      'train.sgd',
      'train.momentum',
      'train.adam',
      'optimizers.adam',
      'optimizers.SGD',
      'losses.categoricalCrossentropy',
      'losses.halfSquaredError',
      'metrics.categoricalAccuracy',
      'callbacks.Callback',
      'callbacks.CustomCallback',
      'callbacks.earlyStopping',
      'callbacks.modelCheckpoint',
      'callbacks.reduceLROnPlateau',
      'callbacks.learningRateScheduler',
      'callbacks.csvLogger',
      'callbacks.terminateOnNaN',
      'callbacks.tensorBoard',
      'Callback',
      'CustomCallback',
      'History',
      'initializers.glorotUniform',
      'data.array',
      'data.csv',
      'data.generator',
      'data.images',
      'data.zip',
      'data.Dataset',
      'datasets.fashionMnist',
      'datasets.mnist',
      'datasets.idx',
      'ops.conv2d',
      'models.Sequential',
      'Sequential',
      'LayersModel',
      'loadLayersModel',
      'Tensor',
      'tensor',
      'tensor2d',
      'zeros',
      'ones',
      'scalar',
      'oneHot',
      'tidy',
      'util.shuffle',
      'setSeed',
      'setEngine',
      'getEngine',
      'ConvforgeError',
      'formatExplanation',
    ];
    const missing = paths.filter((path) => {
      const found = path
        .split('.')
        .reduce<unknown>((value, key) => (value as Record<string, unknown>)?.[key], tf);
      return found === undefined;
    });
    expect(missing).toEqual([]);
  });
});
