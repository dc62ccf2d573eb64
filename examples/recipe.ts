/**
 * What fashion-93.ts and fashion-94.ts share: a thin modern net on Fashion-MNIST, with random flips and shifts, batch normalization, one cycle
 * of the learning rate, decoupled weight decay and smoothed labels.
 */
import * as tf from 'convforge';

type LabelledImages = tf.datasets.LabelledImages;

/** A net for 28x28 pictures and how it is trained. */
export interface Recipe {
  name: string;
  /** Filters of the 3x3 convolutions, by stages; a stage ends with max-pooling, which halves the size. */
  stages: readonly (readonly number[])[];
  epochs: number;
  batchSize: number;
  /** AdamW's rate at the top of the cycle. */
  maxLearningRate: number;
  weightDecay: number;
  labelSmoothing: number;
  /** Pictures are shifted by up to this share of their size along each axis, to whole pixels. */
  shift: number;
}

const CLASSES = 10;

/** Mean and standard deviation of the pixels of Fashion-MNIST, from 0 to 1. */
const PIXELS = { mean: 0.286, deviation: 0.353 };

/**
 * The net: stages of convolutions, each normalized and cut off at 0. Pooling goes before the normalization, which then has a quarter
 * of the places to work on, and the pooled convolution's gradient is sparse.
 */
export function buildNet({ name, stages, shift }: Recipe): tf.LayersModel {
  const black = -PIXELS.mean / PIXELS.deviation;
  const images = tf.input({ shape: [28, 28, 1] });
  let x = tf.layers.rescaling({ scale: 1 / 255 / PIXELS.deviation, offset: black }).apply(images);
  x = tf.layers.randomFlip({ mode: 'horizontal' }).apply(x);
  x = tf.layers
    .randomTranslation({
      heightFactor: shift,
      widthFactor: shift,
      fillMode: 'constant',
      fillValue: black,
      interpolation: 'nearest',
    })
    .apply(x);
  for (const stage of stages) {
    for (const [i, filters] of stage.entries()) x = convolve(x, filters, i === stage.length - 1);
  }
  const outputs = tf.layers
    .dense({ units: CLASSES, activation: 'softmax' })
    .apply(tf.layers.flatten().apply(x));
  return tf.model({ inputs: images, outputs, name });
}

function convolve(x: tf.SymbolicTensor, filters: number, isPooled: boolean): tf.SymbolicTensor {
  // The normalization has a bias.
  const convolution = tf.layers.conv2d({
    filters,
    kernelSize: 3,
    padding: 'same',
    useBias: false,
    kernelInitializer: 'heNormal',
  });
  let y = convolution.apply(x);
  if (isPooled) y = tf.layers.maxPooling2d({ poolSize: 2 }).apply(y);
  y = tf.layers.batchNormalization({ momentum: 0.9 }).apply(y);
  return tf.layers.activation({ activation: 'relu' }).apply(y);
}

/** Trains with AdamW, one cycle of its rate over all steps, and smoothed labels. The seed is the one of tf.setSeed. */
export async function trainNet(model: tf.LayersModel, recipe: Recipe, train: LabelledImages): Promise<void> {
  const { epochs, batchSize, maxLearningRate, weightDecay, labelSmoothing } = recipe;
  const totalSteps = epochs * Math.ceil(train.images.shape[0] / batchSize);
  const learningRate = tf.optimizers.schedules.oneCycle({ maxLearningRate, totalSteps, pctStart: 0.2 });
  model.compile({
    optimizer: tf.optimizers.adamw({ learningRate, weightDecay }),
    loss: tf.losses.categoricalCrossentropy({ labelSmoothing }),
    metrics: ['accuracy'],
  });
  const targets = tf.oneHot(train.labels, CLASSES);
  await model.fit(train.images, targets, { epochs, batchSize, verbose: 2 });
}

/** The share of pictures that the model tells by the sum of its scores for the picture and for its mirror image. */
export async function measure(model: tf.LayersModel, { images, labels }: LabelledImages): Promise<number> {
  const [straight, mirrored] = await Promise.all([model.predict(images), model.predict(images.reverse(2))]);
  return straight.add(mirrored).argMax(-1).equal(labels).mean().dataSync()[0];
}

/**
 * Trains on Fashion-MNIST with the seed of the command line (default 1), and prints how it went. Of the environment, RECIPE_EPOCHS and
 * RECIPE_IMAGES shorten the training, and RECIPE_HOLD_OUT keeps so many of the training set's last pictures from it and measures
 * with these instead of the test set: what to choose a recipe's numbers by.
 */
export async function follow(recipe: Recipe): Promise<void> {
  const seed = Number(process.argv[2] ?? 1);
  const { RECIPE_EPOCHS, RECIPE_IMAGES, RECIPE_HOLD_OUT = 0 } = process.env;
  const epochs = Number(RECIPE_EPOCHS ?? recipe.epochs);
  const held = Number(RECIPE_HOLD_OUT);
  const { train, test } = await tf.datasets.fashionMnist({ log: console.log });
  const rest = train.images.shape[0] - held;

  tf.setSeed(seed);
  const model = buildNet(recipe);
  console.log(`${recipe.name}: ${model.countParams()} weights, seed ${seed}`);
  const start = performance.now();
  await trainNet(model, { ...recipe, epochs }, part(train, 0, Math.min(Number(RECIPE_IMAGES ?? rest), rest)));
  const seconds = (performance.now() - start) / 1000;

  const accuracy = await measure(model, held > 0 ? part(train, rest, held) : test);
  console.log(`${held > 0 ? 'Held-out' : 'Test'} accuracy: ${(100 * accuracy).toFixed(2)} %`);
  console.log(`Time: ${seconds.toFixed(1)} s for ${epochs} epochs`);
}

function part({ images, labels }: LabelledImages, from: number, count: number): LabelledImages {
  return {
    images: images.slice([from, 0, 0, 0], [count, ...images.shape.slice(1)]),
    labels: labels.slice([from], [count]),
  };
}
