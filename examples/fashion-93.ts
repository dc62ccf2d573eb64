/**
 * Reaches 93 % test accuracy on Fashion-MNIST in a short time: six epochs of a thin network.
 *
 *     npx tsx examples/fashion-93.ts [seed]
 *
 * tf.applications has the network and its numbers, recipe.ts the training and the evaluation.
 * docs/performance.md has the test accuracy of three seeds.
 */
import * as tf from 'convforge';
import { run } from './recipe.js';

run(tf.applications.FASHION_93);
