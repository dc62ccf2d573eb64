import {
  activation,
  batchNormalization,
  conv2d,
  dense,
  flatten,
  maxPooling2d,
  rescaling,
} from '../layers/index.js';
import type { SymbolicTensor } from '../layers/symbolic-tensor.js';
import { sparseCategoricalCrossentropy } from '../losses/index.js';
import { input, type LayersModel, model } from '../models/index.js';
import { adamw } from '../optimizers/index.js';
import { oneCycle } from '../optimizers/schedules/index.js';
import { augmented, type ClassifierOptions, checkClassifier } from './image-classifier.js';

/** A thin convolutional network for images, and the training that suits it. */
export interface Recipe {
  /** The model's name. */
  name: string;
  /**
   * The filters of the 3x3 convolutions of each stage. A stage ends with max-pooling, which halves the size.
   */
  stages: readonly (readonly number[])[];
  /** Passes over the training images. */
  epochs: number;
  /** Images in a step. */
  batchSize: number;
  /** AdamW's learning rate at its peak. */
  maxLearningRate: number;
  /** AdamW's weight decay. */
  weightDecay: number;
  /** The share of each target that is spread over all classes. */
  labelSmoothing: number;
  /** Random changes of the training images. */
  augment: {
    /** Whether images are mirrored at random, left to right. */
    flip: boolean;
    /** The largest shift along each axis, as a fraction of the image's size. */
    shift: number;
  };
}

const BASE = {
  batchSize: 64,
  maxLearningRate: 0.01,
  weightDecay: 0.01,
  labelSmoothing: 0.05,
  augment: { flip: true, shift: 0.03 },
};

/** 93 % test accuracy on Fashion-MNIST in six epochs, with 78,234 weights. */
export const FASHION_93: Recipe = {
  name: 'fashion-93',
  stages: [
    [16, 16],
    [32, 32],
    [64, 64],
  ],
  epochs: 6,
  ...BASE,
};

/** 94 % test accuracy on Fashion-MNIST: the network of {@link FASHION_93} with one more convolution. */
export const FASHION_94: Recipe = {
  name: 'fashion-94',
  stages: [
    [16, 16],
    [32, 32],
    [64, 64, 64],
  ],
  epochs: 16,
  ...BASE,
};

/** The mean and standard deviation of Fashion-MNIST's pixels, scaled to 0 to 1. */
const PIXELS = { mean: 0.286, deviation: 0.353 };

/** What {@link recipeNetwork} takes from a recipe. */
export type RecipeNetworkOptions = Pick<Recipe, 'name' | 'stages'> & ClassifierOptions;

/**
 * Builds a recipe's network: stages of convolutions with batch normalization and ReLU. Pooling comes before
 * the normalization, which then has a quarter of the pixels to process, and makes the gradient of the
 * convolution sparse. It scales bytes by Fashion-MNIST's mean and standard deviation itself.
 *
 * Images [n, height, width, channels] with values from 0 to 255 give probabilities [n, classes]. Throws
 * UNKNOWN_OPTION, INVALID_ARGUMENT, SHAPE_MISMATCH.
 *
 *     const { name, stages, augment } = tf.applications.FASHION_93;
 *     tf.applications.recipeNetwork({ name, stages, augment, inputShape: [28, 28, 1], classes: 10 });
 */
export function recipeNetwork(options: RecipeNetworkOptions): LayersModel {
  checkClassifier('applications.recipeNetwork', options, ['name', 'stages']);
  const { name, stages, inputShape, classes, augment } = options;
  const black = -PIXELS.mean / PIXELS.deviation;
  const images = input({ shape: inputShape });
  const scaled = rescaling({ scale: 1 / 255 / PIXELS.deviation, offset: black }).apply(images);
  let x = augmented(scaled, augment, black);
  for (const stage of stages)
    for (const [i, filters] of stage.entries()) x = convolve(x, filters, i === stage.length - 1);
  const outputs = dense({ units: classes, activation: 'softmax' }).apply(flatten().apply(x));
  return model({ inputs: images, outputs, name });
}

function convolve(x: SymbolicTensor, filters: number, isPooled: boolean): SymbolicTensor {
  // The normalization has a bias.
  const convolution = conv2d({
    filters,
    kernelSize: 3,
    padding: 'same',
    useBias: false,
    kernelInitializer: 'heNormal',
  });
  let y = convolution.apply(x);
  if (isPooled) y = maxPooling2d({ poolSize: 2 }).apply(y);
  y = batchNormalization({ momentum: 0.9 }).apply(y);
  return activation({ activation: 'relu' }).apply(y);
}

/**
 * Compiles a network for a recipe's training of `totalSteps` steps, on whole-number labels: AdamW, a one-cycle
 * learning rate over all steps, and label smoothing.
 */
export function compileRecipe(
  network: LayersModel,
  recipe: Pick<Recipe, 'maxLearningRate' | 'weightDecay' | 'labelSmoothing'>,
  totalSteps: number,
): void {
  const { maxLearningRate, weightDecay, labelSmoothing } = recipe;
  network.compile({
    optimizer: adamw({ learningRate: oneCycle({ maxLearningRate, totalSteps, pctStart: 0.2 }), weightDecay }),
    loss: sparseCategoricalCrossentropy({ labelSmoothing }),
    metrics: ['accuracy'],
  });
}
