/**
 * The training of fashion-93.ts and fashion-94.ts: a thin convolutional network on Fashion-MNIST with random
 * flips and shifts, batch normalization, a one-cycle learning rate, decoupled weight decay and label smoothing.
 * tf.applications has the network and the numbers.
 */
import * as tf from 'convforge';

type LabelledImages = tf.datasets.LabelledImages;
type Recipe = tf.applications.Recipe;

/** Builds the network for Fashion-MNIST. */
export function buildNetwork({ name, stages, augment }: Recipe): tf.LayersModel {
  return tf.applications.recipeNetwork({ name, stages, augment, inputShape: [28, 28, 1], classes: 10 });
}

/** Trains as the recipe says. The seed is that of tf.setSeed. */
export async function trainNetwork(
  model: tf.LayersModel,
  recipe: Recipe,
  train: LabelledImages,
): Promise<void> {
  const { epochs, batchSize } = recipe;
  tf.applications.compileRecipe(model, recipe, epochs * Math.ceil(train.images.shape[0] / batchSize));
  await model.fit(train.images, train.labels, { epochs, batchSize, verbose: 2 });
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
