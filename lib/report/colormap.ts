import type { ByteImage } from '../io/png.js';
import { extentOf } from './extent.js';

/** A colour map: the colours of numbers. */
export interface Colormap {
  /** The values of the first and the last colour. */
  readonly low: number;
  readonly high: number;
  /** Writes 4 bytes: red, green, blue and opacity. */
  paint(value: number, pixels: Uint8Array, at: number): void;
  /** The same colours for the range of these values. */
  rescaled(values: ArrayLike<number>): Colormap;
}

type Colour = readonly [red: number, green: number, blue: number, opacity: number];

/** For light and dark backgrounds. Colour-blind readers can distinguish blue and red. */
const BELOW: Colour = [59, 130, 246, 1];
const ABOVE: Colour = [239, 68, 68, 1];
/** Almost transparent, so that zero fades into either background. */
const ZERO: Colour = [128, 128, 128, 0.15];
/** For NaN and infinite values. */
export const NON_FINITE = [255, 0, 255, 255];

/** From blue through transparent to red if some values are negative, else from black (0) to white. */
export function colormapOf(values: ArrayLike<number>): Colormap {
  const [low, high] = rangeOf(values);
  return low < 0 ? diverging(high) : grey(low, high);
}

/** The range of the finite values, which includes 0: [-x, x] if some are negative, else [0, x]. */
export function rangeOf(values: ArrayLike<number>): [low: number, high: number] {
  const { least, most } = extentOf(values);
  const high = Math.max(-least, most, 0);
  return [least < 0 ? -high : 0, high];
}

/** From black to white. Values outside the range are black or white. */
export function grey(low: number, high: number): Colormap {
  return {
    low,
    high,
    paint(value, pixels, at) {
      if (!Number.isFinite(value)) return pixels.set(NON_FINITE, at);
      const level = greyLevel(value, low, high);
      pixels.set([level, level, level, 255], at);
    },
    rescaled(values) {
      const [, most] = rangeOf(values);
      return grey(low < 0 ? -most : 0, most);
    },
  };
}

/** A grey level from 0 to 255. */
export function greyLevel(value: number, low: number, high: number): number {
  const share = (value - low) / (high - low || 1);
  return Math.round(255 * Math.min(1, Math.max(0, share)));
}

function diverging(high: number): Colormap {
  return {
    low: -high,
    high,
    paint(value, pixels, at) {
      if (!Number.isFinite(value)) return pixels.set(NON_FINITE, at);
      pixels.set(mix(ZERO, value < 0 ? BELOW : ABOVE, Math.abs(value) / (high || 1)), at);
    },
    rescaled(values) {
      return diverging(rangeOf(values)[1]);
    },
  };
}

/** For overlays. Colour-blind readers see yellow grow darker. */
const NOTHING: Colour = [250, 204, 21, 0];
const WARM: Colour = [250, 204, 21, 0.6];
const HOT: Colour = [220, 38, 38, 0.9];

/** From transparent (0) through yellow to red, for values of 0 or more that are drawn over an image. */
export function heatColormap(high: number): Colormap {
  return {
    low: 0,
    high,
    paint(value, pixels, at) {
      if (!Number.isFinite(value)) return pixels.set(NON_FINITE, at);
      const share = Math.min(1, Math.max(0, value / (high || 1)));
      const colour = share < 0.5 ? mix(NOTHING, WARM, 2 * share) : mix(WARM, HOT, 2 * share - 1);
      pixels.set(colour, at);
    },
    rescaled(values) {
      return heatColormap(rangeOf(values)[1]);
    },
  };
}

/** Blends two colours: `share` of the second, the rest of the first, over any background. */
function mix(first: Colour, second: Colour, share: number): number[] {
  const [one, other] = [first[3] * (1 - share), second[3] * share];
  const opacity = one + other;
  const part = (i: number) => Math.round((first[i] * one + second[i] * other) / (opacity || 1));
  return [part(0), part(1), part(2), Math.round(255 * opacity)];
}

/** All colours from low to high, as an image of one row. */
export function legendOf(colormap: Colormap): ByteImage {
  const width = 65;
  const pixels = new Uint8Array(4 * width);
  for (let x = 0; x < width; x++) {
    colormap.paint(colormap.low + ((colormap.high - colormap.low) * x) / (width - 1), pixels, 4 * x);
  }
  return { width, height: 1, channels: 4, pixels };
}
