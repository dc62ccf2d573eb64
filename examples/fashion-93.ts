/**
 * Fashion-MNIST past 93 % test accuracy in a short time: six epochs of a thin net.
 *
 *     npx tsx examples/fashion-93.ts [seed]
 *
 * recipe.ts has the net and how it is trained and measured. docs/performance.md has the test accuracy of three seeds.
 */
import { follow } from './recipe.js';

follow({
  name: 'fashion-93',
  stages: [
    [16, 16],
    [32, 32],
    [64, 64],
  ],
  epochs: 6,
  batchSize: 64,
  maxLearningRate: 0.01,
  weightDecay: 0.01,
  labelSmoothing: 0.05,
  shift: 0.03,
});
