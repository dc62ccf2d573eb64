import type { Picture } from '../../io/png.js';
import type { Tensor } from '../../tensor/index.js';

/** Pixels on a side; larger weights are cut. */
const MOST = 1024;

/**
 * A weight as a gray image, its least value black and its greatest white. A convolution's kernel [h, w, in, out] is a grid of its
 * windows, a row for each input channel and a column for each filter, with black lines between; [n] is a row, others are
 * matrices by their last axis.
 */
export function weightImage(weight: Tensor): Picture {
  const values = weight.dataSync();
  const { shape } = weight;
  const isKernel = shape.length === 4;
  const [h, w, rows, columns] = isKernel ? shape : [1, 1, values.length / lastOf(shape), lastOf(shape)];
  const gap = isKernel ? 1 : 0;
  const height = Math.min(rows * (h + gap) - gap, MOST);
  const width = Math.min(columns * (w + gap) - gap, MOST);
  const shade = shadeOf(values);
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const [row, i] = [Math.floor(y / (h + gap)), y % (h + gap)];
    for (let x = 0; x < width; x++) {
      const [column, j] = [Math.floor(x / (w + gap)), x % (w + gap)];
      if (i < h && j < w)
        pixels[y * width + x] = shade(values[((i * w + j) * rows + row) * columns + column]);
    }
  }
  return { width, height, channels: 1, pixels };
}

function lastOf(shape: readonly number[]): number {
  return shape.length > 0 ? shape[shape.length - 1] : 1;
}

/** What isn't finite is black. */
function shadeOf(values: ArrayLike<number>): (value: number) => number {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue;
    least = Math.min(least, values[i]);
    most = Math.max(most, values[i]);
  }
  const range = most - least || 1;
  return (value) => (Number.isFinite(value) ? Math.round((255 * (value - least)) / range) : 0);
}
