import { RandomGenerator } from '../../../lib/random/index.js';
import { benchImages } from '../support/images.js';
import type { Network } from './network.js';

/** Images to train on and to classify. */
export interface NetworkSamples {
  /** float32 [count, height, width, channels]. */
  images: Float32Array;
  /** The class of each image, or of each pixel. */
  labels: Int32Array;
  count: number;
}

/** The same samples on each call: Fashion-MNIST's for images of its shape, else random ones. */
export async function networkSamples({ input, batch, classes, perPixel }: Network, batches: number) {
  const count = batch * batches;
  const [height, width, channels] = input as number[];
  if (height === 28 && channels === 1) {
    const { images, labels } = await benchImages(count);
    return {
      images: Float32Array.from(images, (byte) => byte / 255),
      labels: Int32Array.from(labels),
      count,
    };
  }
  const random = new RandomGenerator(2);
  const pixels = height * width;
  const images = Float32Array.from({ length: count * pixels * channels }, () => 2 * random.uniform() - 1);
  const labels = Int32Array.from({ length: count * (perPixel ? pixels : 1) }, () => random.integer(classes));
  return { images, labels, count };
}
