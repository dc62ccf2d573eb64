import type { DatasetOptions, ImageDataset, ImageSet } from './image-set.js';
import { loadImageSet } from './sources.js';

export const FASHION_MNIST: ImageSet = {
  name: 'fashion-mnist',
  title: 'Fashion-MNIST',
  files: {
    trainImages: {
      name: 'train-images-idx3-ubyte',
      size: 47_040_016,
      sha256: 'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
    },
    trainLabels: {
      name: 'train-labels-idx1-ubyte',
      size: 60_008,
      sha256: 'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
    },
    testImages: {
      name: 't10k-images-idx3-ubyte',
      size: 7_840_016,
      sha256: '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
    },
    testLabels: {
      name: 't10k-labels-idx1-ubyte',
      size: 10_008,
      sha256: '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
    },
  },
  addresses: ['http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/'],
  systemFolder: '/usr/share/datasets/fashion-mnist',
  debianPackage: 'dataset-fashion-mnist',
  classNames: [
    'T-shirt/top',
    'Trouser',
    'Pullover',
    'Dress',
    'Coat',
    'Sandal',
    'Shirt',
    'Sneaker',
    'Bag',
    'Ankle boot',
  ],
};

/**
 * Fashion-MNIST: 60,000 training and 10,000 test images of clothes in ten classes. Images are uint8 [n, 28,
 * 28, 1] from 0 (black) to 255, labels int32 [n] from 0. Downloads 30 MB once, unless the files are on the
 * machine.
 *
 * @throws DATASET_NOT_FOUND, CORRUPT_FILE, IO_ERROR
 */
export function fashionMnist(options: DatasetOptions = {}): Promise<ImageDataset> {
  return loadImageSet('datasets.fashionMnist', FASHION_MNIST, options);
}
