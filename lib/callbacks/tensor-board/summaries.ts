import { encodePng, type ByteImage } from '../../io/png.js';
import type { Tensor } from '../../tensor/index.js';
import { bytes, double, doubles, type Field, float, integer, message, text } from './protobuf.js';

const BUCKETS = 30;
/** Field numbers of TensorFlow's summary.proto. */
const VALUE = 1;
const TAG = 1;

/** The first event of a file. */
export function fileVersion(): Buffer {
  return event(text(3, 'brain.Event:2'));
}

/** An event with values for one step. */
export function summaryEvent(step: number, values: readonly Field[]): Buffer {
  return event(integer(2, step), message(5, ...values));
}

export function scalar(tag: string, value: number): Field {
  return message(VALUE, text(TAG, tag), float(2, value));
}

export async function image(tag: string, pixels: ByteImage): Promise<Field> {
  const { width, height, channels } = pixels;
  const png = bytes(4, await encodePng(pixels));
  const fields = [integer(1, height), integer(2, width), integer(3, channels), png];
  return message(VALUE, text(TAG, tag), message(4, ...fields));
}

/** A histogram of the finite values, in 30 buckets of equal width; undefined if there are none. */
export function histogram(tag: string, all: ArrayLike<number>): Field | undefined {
  const values = Array.from(all).filter(Number.isFinite);
  if (values.length === 0) return undefined;
  const min = values.reduce((a, b) => Math.min(a, b));
  const max = values.reduce((a, b) => Math.max(a, b));
  const buckets = min === max ? 1 : BUCKETS;
  const width = (max - min) / buckets;
  const limits = Array.from({ length: buckets }, (_, i) => (i === buckets - 1 ? max : min + (i + 1) * width));
  const counts = limits.map(() => 0);
  let sum = 0;
  let squares = 0;
  for (const value of values) {
    counts[Math.min(Math.floor((value - min) / width) || 0, buckets - 1)]++;
    sum += value;
    squares += value * value;
  }
  const numbers = [min, max, values.length, sum, squares].map((value, i) => double(i + 1, value));
  return message(VALUE, text(TAG, tag), message(5, ...numbers, doubles(6, limits), doubles(7, counts)));
}

function event(...fields: Field[]): Buffer {
  return Buffer.concat([double(1, Date.now() / 1000), ...fields]);
}

/** Maximum side of an image in pixels; larger weights are cropped. */
const MAX_SIDE = 1024;

/**
 * Draws a weight as a gray image, its minimum black and its maximum white. A convolution kernel [h, w, in,
 * out] becomes a grid of h x w cells, one row per input channel and one column per filter, with black lines
 * between. [n] is one row; other weights are matrices whose columns are the last axis.
 */
export function weightImage(weight: Tensor): ByteImage {
  const values = weight.dataSync();
  const { shape } = weight;
  const isKernel = shape.length === 4;
  const [h, w, rows, columns] = isKernel ? shape : [1, 1, values.length / lastOf(shape), lastOf(shape)];
  const gap = isKernel ? 1 : 0;
  const height = Math.min(rows * (h + gap) - gap, MAX_SIDE);
  const width = Math.min(columns * (w + gap) - gap, MAX_SIDE);
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

/** Maps values to shades of gray. Non-finite values are black. */
function shadeOf(values: ArrayLike<number>): (value: number) => number {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue;
    min = Math.min(min, values[i]);
    max = Math.max(max, values[i]);
  }
  const range = max - min || 1;
  return (value) => (Number.isFinite(value) ? Math.round((255 * (value - min)) / range) : 0);
}
