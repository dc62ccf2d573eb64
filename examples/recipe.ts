/**
 * The network and training of fashion-93.ts and fashion-94.ts: a thin convolutional network on Fashion-MNIST
 * with random flips and shifts, batch normalization, a one-cycle learning rate, decoupled weight decay and
 * label smoothing.
 */
import * as tf from 'convforge';

type LabelledImages = tf.datasets.LabelledImages;

/** A network for 28x28 images, and its training. */
export interface Recipe {
  name: string;
  /**
   * The filters of the 3x3 convolutions of each stage. A stage ends with max-pooling, which halves the size.
   */
  stages: readonly (readonly number[])[];
  epochs: number;
  batchSize: number;
  /** AdamW's peak learning rate. */
  maxLearningRate: number;
  weightDecay: number;
  labelSmoothing: number;
  /** Images are shifted along each axis by up to this share of their size, by whole pixels. */
  shift: number;
}

const CLASSES = 10;

/** The mean and standard deviation of Fashion-MNIST's pixels, scaled to 0 to 1. */
const PIXELS = { mean: 0.286, deviation: 0.353 };

/**
 * Builds the network: stages of convolutions with batch normalization and ReLU. Pooling comes before the
 * normalization, which then has a quarter of the pixels to process, and makes the gradient of the convolution
 * sparse.
 */
export function buildNetwork({ name, stages, shift }: Recipe): tf.LayersModel {
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

/**
 * Trains with AdamW, a one-cycle learning rate over all steps, and label smoothing. The seed is that of
 * tf.setSeed.
 */
export async function trainNetwork(
  model: tf.LayersModel,
  recipe: Recipe,
  train: LabelledImages,
): Promise<void> {
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

/** The accuracy at test time: the scores of an image and of its mirror image are added. */
export async function measure(model: tf.LayersModel, { images, labels }: LabelledImages): Promise<number> {
  const [straight, mirrored] = await Promise.all([model.predict(images), model.predict(images.reverse(2))]);
  return straight.add(mirrored).argMax(-1).equal(labels).mean().dataSync()[0];
}

/**
 * Trains on Fashion-MNIST with the seed of the command line (default 1), and prints the accuracy.
 *
 * RECIPE_EPOCHS and RECIPE_IMAGES shorten the training. RECIPE_HOLD_OUT holds out that many images at the end
 * of the training set, and measures on these instead of the test set: choose hyperparameters with it.
 */
export async function run(recipe: Recipe): Promise<void> {
  const seed = Number(process.argv[2] ?? 1);
  const { RECIPE_EPOCHS, RECIPE_IMAGES, RECIPE_HOLD_OUT = 0 } = process.env;
  const epochs = Number(RECIPE_EPOCHS ?? recipe.epochs);
  const holdOut = Number(RECIPE_HOLD_OUT);
  const { train, test } = await tf.datasets.fashionMnist({ log: console.log });
  const rest = train.images.shape[0] - holdOut;

  tf.setSeed(seed);
  const model = buildNetwork(recipe);
  console.log(`${recipe.name}: ${model.countParams()} weights, seed ${seed}`);
  const start = performance.now();
  await trainNetwork(
    model,
    { ...recipe, epochs },
    part(train, 0, Math.min(Number(RECIPE_IMAGES ?? rest), rest)),
  );
  const seconds = (performance.now() - start) / 1000;

  const accuracy = await measure(model, holdOut > 0 ? part(train, rest, holdOut) : test);
  console.log(`${holdOut > 0 ? 'Held-out' : 'Test'} accuracy: ${(100 * accuracy).toFixed(2)} %`);
  console.log(`Time: ${seconds.toFixed(1)} s for ${epochs} epochs`);
}

function part({ images, labels }: LabelledImages, from: number, count: number): LabelledImages {
  return {
    images: images.slice([from, 0, 0, 0], [count, ...images.shape.slice(1)]),
    labels: labels.slice([from], [count]),
  };
}
