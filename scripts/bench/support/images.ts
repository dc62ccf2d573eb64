import { fashionMnist } from '../../../lib/datasets/index.js';
import { ConvforgeError } from '../../../lib/errors.js';
import { type BenchImages, drawnImages } from '../../../lib/compare/images.js';

const PIXELS = 28 * 28;

/** The first `count` images of Fashion-MNIST, or drawn images that can be learned without that dataset. */
export async function benchImages(count: number): Promise<BenchImages> {
  try {
    const { train } = await fashionMnist();
    return {
      title: 'Fashion-MNIST',
      images: Uint8Array.from(train.images.dataSync().subarray(0, count * PIXELS)),
      labels: Uint8Array.from(train.labels.dataSync().subarray(0, count)),
    };
  } catch (error) {
    if (!(error instanceof ConvforgeError)) throw error;
    return drawnImages(count);
  }
}
