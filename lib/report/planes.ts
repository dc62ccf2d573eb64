import type { ByteImage } from '../io/png.js';
import { greyLevel, NON_FINITE, type Colormap } from './colormap.js';

interface Size {
  width: number;
  height: number;
}

/** The values of one channel, row-major. */
export interface Plane extends Size {
  values: Float32Array;
}

/** Values [height, width, channels]. */
export interface Planes extends Size {
  channels: number;
  values: ArrayLike<number>;
}

/** The longest side that is drawn at full resolution. */
const LONGEST = 112;

/**
 * The first `count` channels. If a side is longer than `longest`, squares of values are replaced by their
 * means.
 */
export function splitPlanes(all: Planes, count: number, longest = LONGEST): Plane[] {
  const { width, height, channels, values } = all;
  const side = sideOfSquares(all, longest);
  return Array.from({ length: Math.min(count, channels) }, (_, channel) => {
    const plane = Float32Array.from({ length: width * height }, (_, i) => values[i * channels + channel]);
    return side === 1 ? { width, height, values: plane } : shrink({ width, height, values: plane }, side);
  });
}

/** The note that means are drawn; undefined at full resolution. */
export function describeShrinkage(size: Size, longest = LONGEST): string | undefined {
  const side = sideOfSquares(size, longest);
  return side === 1 ? undefined : `each pixel the mean of ${side}x${side} values`;
}

function sideOfSquares({ width, height }: Size, longest: number): number {
  return Math.ceil(Math.max(width, height) / longest);
}

/** The mean of each square. Squares at the edge may have fewer values. */
function shrink({ width, height, values }: Plane, side: number): Plane {
  const [columns, rows] = [Math.ceil(width / side), Math.ceil(height / side)];
  const sums = new Float64Array(columns * rows);
  const counts = new Float64Array(columns * rows);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const square = Math.floor(y / side) * columns + Math.floor(x / side);
      sums[square] += values[y * width + x];
      counts[square]++;
    }
  }
  return { width: columns, height: rows, values: Float32Array.from(sums, (sum, i) => sum / counts[i]) };
}

/** Paints planes of one size side by side, a pixel apart unless each is a single pixel. */
export function paintSideBySide(planes: readonly Plane[], colormap: Colormap): ByteImage {
  const [plane] = planes;
  const step = stepOf(plane);
  const width = (planes.length - 1) * step + plane.width;
  const pixels = new Uint8Array(4 * width * plane.height);
  for (const [i, { values }] of planes.entries()) {
    for (let at = 0; at < values.length; at++) {
      const [x, y] = [at % plane.width, Math.floor(at / plane.width)];
      colormap.paint(values[at], pixels, 4 * (y * width + i * step + x));
    }
  }
  return { width, height: plane.height, channels: 4, pixels };
}

/** The distance from one plane to the next, in pixels. */
export function stepOf({ width, height }: Size): number {
  return width === 1 && height === 1 ? 1 : width + 1;
}

/** Paints a plane with its opacity over the mean, in grey, of other planes of its size. */
export function paintOver(
  plane: Plane,
  colormap: Colormap,
  behind: readonly Plane[],
  ground: Colormap,
): ByteImage {
  const { width, height, values } = plane;
  const pixels = new Uint8Array(3 * width * height);
  const colour = new Uint8Array(4);
  for (let i = 0; i < values.length; i++) {
    const mean = behind.reduce((sum, { values }) => sum + values[i], 0) / behind.length;
    const grey = Number.isFinite(mean) ? greyLevel(mean, ground.low, ground.high) : 0;
    colormap.paint(values[i], colour, 0);
    const opacity = colour[3] / 255;
    for (let c = 0; c < 3; c++) pixels[3 * i + c] = Math.round(grey + (colour[c] - grey) * opacity);
  }
  return { width, height, channels: 3, pixels };
}

/** Paints three planes as red, green and blue. */
export function paintColours(planes: readonly Plane[], { low, high }: Colormap): ByteImage {
  const [{ width, height }] = planes;
  const pixels = new Uint8Array(3 * width * height);
  for (let i = 0; i < width * height; i++) {
    const colour = planes.map(({ values }) => values[i]);
    const isKnown = colour.every(Number.isFinite);
    pixels.set(isKnown ? colour.map((value) => greyLevel(value, low, high)) : NON_FINITE.slice(0, 3), 3 * i);
  }
  return { width, height, channels: 3, pixels };
}
