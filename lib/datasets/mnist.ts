import type { DatasetOptions, ImageDataset, ImageSet } from './image-set.js';
import { loadImageSet } from './sources.js';

export const MNIST: ImageSet = {
  name: 'mnist',
  title: 'MNIST',
  files: {
    trainImages: {
      name: 'train-images-idx3-ubyte',
      size: 47_040_016,
      sha256: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
    },
    trainLabels: {
      name: 'train-labels-idx1-ubyte',
      size: 60_008,
      sha256: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
    },
    testImages: {
      name: 't10k-images-idx3-ubyte',
      size: 7_840_016,
      sha256: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
    },
    testLabels: {
      name: 't10k-labels-idx1-ubyte',
      size: 10_008,
      sha256: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
    },
  },
  addresses: [
    'https://ossci-datasets.s3.amazonaws.com/mnist/',
    'https://storage.googleapis.com/cvdf-datasets/mnist/',
  ],
  systemFolder: '/usr/share/datasets/mnist',
  classNames: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
};

/**
 * MNIST: 60,000 training and 10,000 test images of handwritten digits. Images are uint8 [n, 28, 28, 1] from 0
 * (paper) to 255 (ink), labels int32 [n]. Downloads 11 MB once, unless the files are on the machine.
 *
 * @throws DATASET_NOT_FOUND, CORRUPT_FILE, IO_ERROR
 */
export function mnist(options: DatasetOptions = {}): Promise<ImageDataset> {
  return loadImageSet('datasets.mnist', MNIST, options);
}
