import * as tf from 'convforge';

/**
 * Saves the model in convforge-out/<name>, loads it, and compares the predictions of both. Returns their
 * largest difference: 0.
 */
export async function saveAndLoad(model: tf.LayersModel, name: string, images: tf.Tensor): Promise<number> {
  const folder = `convforge-out/${name}`;
  await model.save(`file://${folder}`);
  const loaded = await tf.loadLayersModel(`file://${folder}/model.json`);
  const [before, after] = await Promise.all([firstOutput(model, images), firstOutput(loaded, images)]);
  const difference = before.reduce((largest, value, i) => Math.max(largest, Math.abs(value - after[i])), 0);
  console.log(`Saved in ${folder}; loaded again, it predicts the same within ${difference}.`);
  return difference;
}

async function firstOutput(model: tf.LayersModel, images: tf.Tensor): Promise<number[]> {
  const outputs = [await model.predict<tf.PendingTensors>(images)].flat();
  return [...(await outputs[0].data())];
}
