import { describe, expect, it } from 'vitest';
import { fashionMnist, type ImageDataset, mnist } from '../../lib/datasets/index.js';

/**
 * Fashion-MNIST has equally many images of each class. The counts of MNIST are those of its authors' files.
 */
const CLASS_COUNTS = {
  'Fashion-MNIST': { train: Array(10).fill(6000), test: Array(10).fill(1000) },
  MNIST: {
    train: [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
    test: [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
  },
};

async function unlessMissing(loading: Promise<ImageDataset>): Promise<ImageDataset | undefined> {
  return loading.catch((error) => {
    if (error.code === 'DATASET_NOT_FOUND') return undefined;
    throw error;
  });
}

describe.each([
  { title: 'Fashion-MNIST', load: fashionMnist },
  { title: 'MNIST', load: mnist },
] as const)('the real $title', async ({ title, load }) => {
  const dataset = await unlessMissing(load());

  it.skipIf(dataset === undefined)('has its shapes, types and names', () => {
    const { train, test, classNames } = dataset as ImageDataset;
    expect(train.images.shape).toEqual([60000, 28, 28, 1]);
    expect(test.images.shape).toEqual([10000, 28, 28, 1]);
    expect([train.images.dtype, test.labels.dtype]).toEqual(['uint8', 'int32']);
    expect(classNames).toHaveLength(10);
  });

  it.skipIf(dataset === undefined).each(['train', 'test'] as const)(
    'has as many %s images of each class as it should',
    (part) => {
      const counts = Array(10).fill(0);
      for (const label of (dataset as ImageDataset)[part].labels.dataSync()) counts[label]++;
      expect(counts).toEqual(CLASS_COUNTS[title][part]);
    },
  );
});
