import { tensor, type Tensor } from '../tensor/index.js';
import type { ValidationSet } from '../training/validation-set.js';
import { isPictureShape } from './picture.js';

/** The first sample [1, height, width, channels] of the only input; undefined unless it is an image. */
export async function firstImage(set: ValidationSet): Promise<Tensor | undefined> {
  const reader = set.open();
  try {
    const samples = await reader.next();
    if (!samples) return undefined;
    samples.dispose();
    const { x } = samples.source;
    const [image] = x;
    if (x.length > 1 || !isPictureShape(image.shape.slice(1))) return undefined;
    const values = image.read(0, image.size / image.count).slice();
    return tensor(values, [1, ...image.shape.slice(1)]);
  } finally {
    reader.close();
  }
}
