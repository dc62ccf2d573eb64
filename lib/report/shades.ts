import type { Picture } from '../io/png.js';
import { extentOf } from './extent.js';

/** The colours of numbers. */
export interface Shades {
  /** What is drawn with the first and with the last of the colours. */
  readonly low: number;
  readonly high: number;
  /** Writes red, green, blue and opacity, 4 bytes. */
  paint(value: number, pixels: Uint8Array, at: number): void;
  /** The same colours for the range of these values. */
  rescaled(values: ArrayLike<number>): Shades;
}

type Colour = readonly [red: number, green: number, blue: number, opacity: number];

/** On light and on dark ground; blue and red stay apart for the colour-blind. */
const BELOW: Colour = [59, 130, 246, 1];
const ABOVE: Colour = [239, 68, 68, 1];
/** Lets the ground through, so that zero is quiet on either. */
const ZERO: Colour = [128, 128, 128, 0.15];
/** NaN and infinite values. */
export const ODD = [255, 0, 255, 255];

/** From blue over nothing to red where some values are below 0, else from black (0) to white. */
export function shadesOf(values: ArrayLike<number>): Shades {
  const [low, high] = rangeOf(values);
  return low < 0 ? diverging(high) : grey(low, high);
}

/** Of the finite ones, with 0 in it: [-x, x] where some are below 0, else [0, x]. */
export function rangeOf(values: ArrayLike<number>): [low: number, high: number] {
  const { least, most } = extentOf(values);
  const high = Math.max(-least, most, 0);
  return [least < 0 ? -high : 0, high];
}

/** From black to white; what is outside is black or white too. */
export function grey(low: number, high: number): Shades {
  return {
    low,
    high,
    paint(value, pixels, at) {
      if (!Number.isFinite(value)) return pixels.set(ODD, at);
      const level = greyLevel(value, low, high);
      pixels.set([level, level, level, 255], at);
    },
    rescaled(values) {
      const [, most] = rangeOf(values);
      return grey(low < 0 ? -most : 0, most);
    },
  };
}

/** 0 to 255. */
export function greyLevel(value: number, low: number, high: number): number {
  const share = (value - low) / (high - low || 1);
  return Math.round(255 * Math.min(1, Math.max(0, share)));
}

function diverging(high: number): Shades {
  return {
    low: -high,
    high,
    paint(value, pixels, at) {
      if (!Number.isFinite(value)) return pixels.set(ODD, at);
      pixels.set(mix(ZERO, value < 0 ? BELOW : ABOVE, Math.abs(value) / (high || 1)), at);
    },
    rescaled(values) {
      return diverging(rangeOf(values)[1]);
    },
  };
}

/** Laid over an image. The colour-blind see yellow grow darker. */
const NOTHING: Colour = [250, 204, 21, 0];
const WARM: Colour = [250, 204, 21, 0.6];
const HOT: Colour = [220, 38, 38, 0.9];

/** From nothing (0) over yellow to red, for values from 0 up that are drawn over something else. */
export function heatShades(high: number): Shades {
  return {
    low: 0,
    high,
    paint(value, pixels, at) {
      if (!Number.isFinite(value)) return pixels.set(ODD, at);
      const share = Math.min(1, Math.max(0, value / (high || 1)));
      const colour = share < 0.5 ? mix(NOTHING, WARM, 2 * share) : mix(WARM, HOT, 2 * share - 1);
      pixels.set(colour, at);
    },
    rescaled(values) {
      return heatShades(rangeOf(values)[1]);
    },
  };
}

/** What looks like `share` of the second colour and the rest of the first, whatever is behind them. */
function mix(first: Colour, second: Colour, share: number): number[] {
  const [one, other] = [first[3] * (1 - share), second[3] * share];
  const opacity = one + other;
  const part = (i: number) => Math.round((first[i] * one + second[i] * other) / (opacity || 1));
  return [part(0), part(1), part(2), Math.round(255 * opacity)];
}

/** All colours from low to high, in a row. */
export function legendOf(shades: Shades): Picture {
  const width = 65;
  const pixels = new Uint8Array(4 * width);
  for (let x = 0; x < width; x++) {
    shades.paint(shades.low + ((shades.high - shades.low) * x) / (width - 1), pixels, 4 * x);
  }
  return { width, height: 1, channels: 4, pixels };
}
