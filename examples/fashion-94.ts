/**
 * Reaches 94 % test accuracy on Fashion-MNIST with few weights: the network of fashion-93.ts with one more
 * convolution, for 16 epochs.
 *
 *     npx tsx examples/fashion-94.ts [seed]
 *
 * recipe.ts has the network, its training and its evaluation. docs/performance.md has the test accuracy of
 * three seeds.
 */
import { run } from './recipe.js';

run({
  name: 'fashion-94',
  stages: [
    [16, 16],
    [32, 32],
    [64, 64, 64],
  ],
  epochs: 16,
  batchSize: 64,
  maxLearningRate: 0.01,
  weightDecay: 0.01,
  labelSmoothing: 0.05,
  shift: 0.03,
});
