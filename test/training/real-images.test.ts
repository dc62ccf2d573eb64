import { describe, expect, it } from 'vitest';
import { fashionMnist, type ImageDataset } from '../../lib/datasets/index.js';
import * as layers from '../../lib/layers/index.js';
import { sequential } from '../../lib/models/index.js';
import { currentEngine, setEngine } from '../../lib/program/current-engine.js';
import { setSeed } from '../../lib/random/index.js';

describe('a slice of the real set', async () => {
  const data: ImageDataset | undefined = await fashionMnist().catch((error) => {
    if (error.code === 'DATASET_NOT_FOUND') return undefined;
    throw error;
  });

  it.skipIf(data === undefined)('is learned, from bytes or floats', async () => {
    setEngine('native');
    expect(currentEngine().name).toBe('native');
    const { train, test: unseen } = data as ImageDataset;
    const images = train.images.slice([0, 0, 0, 0], [3000, 28, 28, 1]);
    const labels = train.labels.slice([0], [3000]);

    const learn = async (scaled: boolean) => {
      setSeed(3);
      const model = sequential({
        layers: [
          ...(scaled ? [] : [layers.rescaling({ scale: 1 / 255, inputShape: [28, 28, 1] })]),
          layers.conv2d({ filters: 16, kernelSize: 5, activation: 'relu', inputShape: [28, 28, 1] }),
          layers.maxPooling2d({ poolSize: 2 }),
          layers.conv2d({ filters: 32, kernelSize: 3, padding: 'same', activation: 'relu' }),
          layers.maxPooling2d({ poolSize: 2 }),
          layers.flatten(),
          layers.dense({ units: 64, activation: 'relu' }),
          layers.dense({ units: 10, activation: 'softmax' }),
        ],
      });
      model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
      const x = scaled ? images.cast('float32').div(255) : images;
      const { history } = await model.fit(x, labels, { epochs: 6, batchSize: 50, verbose: 0 });
      const tests = unseen.images.slice([0, 0, 0, 0], [1000, 28, 28, 1]);
      const scores = await model.evaluate(
        scaled ? tests.cast('float32').div(255) : tests,
        unseen.labels.slice([0], [1000]),
      );
      return {
        losses: history.loss,
        accuracy: (scores as { dataSync(): ArrayLike<number> }[])[1].dataSync()[0],
      };
    };

    const bytes = await learn(false);
    expect(bytes.losses[5]).toBeLessThan(bytes.losses[0] / 2);
    // Ten classes: chance is 0.1. This network reaches about 0.83 from these images.
    expect(bytes.accuracy).toBeGreaterThan(0.78);
    const floats = await learn(true);
    expect(floats.losses[5]).toBeCloseTo(bytes.losses[5], 1);
    expect(floats.accuracy).toBeGreaterThan(0.78);
  });
});
