/**
 * Reaches 94 % test accuracy on Fashion-MNIST with few weights: the network of fashion-93.ts with one more
 * convolution, for 16 epochs.
 *
 *     npx tsx examples/fashion-94.ts [seed]
 *
 * tf.applications has the network and its numbers, recipe.ts the training and the evaluation.
 * docs/performance.md has the test accuracy of three seeds.
 */
import * as tf from 'convforge';
import { run } from './recipe.js';

run(tf.applications.FASHION_94);
