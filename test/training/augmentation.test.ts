import { describe, expect, test } from 'vitest';
import { layers, sequential, setSeed, tensor } from '../../lib/index.js';
import { layerClass } from '../../lib/layers/registry.js';

type Layer = layers.Layer;

const SHAPE = [6, 5, 1];
const bytes = Uint8Array.from({ length: 24 * 30 }, (_, i) => (i * 37 + (i >> 3)) % 256);
const images = tensor(bytes, [24, ...SHAPE], 'uint8');
const classes = tensor(
  Int32Array.from({ length: 24 }, (_, i) => i % 3),
  [24],
  'int32',
);

const AUGMENTATIONS: Record<string, (inputShape?: number[]) => Layer> = {
  randomFlip: (inputShape) => layers.randomFlip({ inputShape }),
  randomTranslation: (inputShape) =>
    layers.randomTranslation({ heightFactor: 0.4, widthFactor: 0.4, inputShape }),
  randomZoom: (inputShape) => layers.randomZoom({ heightFactor: 0.5, inputShape }),
  randomRotation: (inputShape) => layers.randomRotation({ factor: 0.2, fillMode: 'constant', inputShape }),
  randomContrast: (inputShape) =>
    layers.randomContrast({ factor: 0.8, valueRange: inputShape ? [0, 255] : [0, 1], inputShape }),
  randomBrightness: (inputShape) =>
    layers.randomBrightness({ factor: 0.4, valueRange: inputShape ? [0, 255] : [0, 1], inputShape }),
  randomCrop: (inputShape) => layers.randomCrop({ height: 5, width: 3, inputShape }),
};

function modelWith(first: readonly Layer[]) {
  const model = sequential({
    layers: [...first, layers.flatten(), layers.dense({ units: 3, activation: 'softmax', name: 'out' })],
  });
  model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
  return model;
}

async function trained(first: () => readonly Layer[], seed = 1) {
  setSeed(7);
  const model = modelWith(first());
  setSeed(seed);
  await model.fit(images, classes, { epochs: 2, batchSize: 8, shuffle: false, verbose: 0 });
  return model.getWeights().map((weight) => [...weight.dataSync()]);
}

describe.each(Object.entries(AUGMENTATIONS))('%s', (_, make) => {
  const rescaling = (inputShape?: number[]) => layers.rescaling({ scale: 1 / 255, inputShape });

  test('trains on bytes, before or after rescaling, reproducibly by seed', async () => {
    const before = () => [make(SHAPE), rescaling()];
    const weights = await trained(before);
    expect(await trained(before)).toEqual(weights);
    expect(await trained(before, 2)).not.toEqual(weights);
    const after = await trained(() => [rescaling(SHAPE), make()]);
    after.forEach((values, i) => {
      values.forEach((value, j) => void expect(value).toBeCloseTo(weights[i][j], 5));
    });
  });

  test("with the layer's own seed is independent of the seed of fit", async () => {
    const layer = make(SHAPE);
    const config = { ...layer.getConfig(), seed: 3 };
    const seeded = () => [layerClass(layer.getClassName()).fromConfig(config), rescaling()];
    const weights = await trained(seeded, 1);
    expect(await trained(seeded, 2)).toEqual(weights);
  });

  test('has no effect in prediction', async () => {
    const model = modelWith([make(SHAPE), rescaling()]);
    const first = await model.predict(images);
    expect([...(await model.predict(images)).dataSync()]).toEqual([...first.dataSync()]);
    if (model.layers[0].outputShape[1] === SHAPE[0]) {
      const plain = modelWith([rescaling(SHAPE)]);
      plain.setWeights(model.getWeights());
      expect([...(await plain.predict(images)).dataSync()]).toEqual([...first.dataSync()]);
    }
  });
});
