import type { Draw } from './draw.js';
import type { Limit, Options } from './spec.js';

/** A value that may be a layer's input. */
export interface DrawnInput {
  shape: readonly number[];
  /** Whether there are no weights between it and an input. */
  isPlain: boolean;
  /** Whether different elements may be equal, so that the packages may choose different maxima. */
  hasTies: boolean;
}

export interface DrawnOptions {
  options: Options;
  optionsHere?: Options;
  limits?: readonly Limit[];
  /** Whether many of its outputs may be equal. */
  makesTies?: boolean;
  /** Whether TF.js's gradient is correct only for a single sample. */
  takesOneSample?: boolean;
}

/** A layer that both packages have. */
export interface LayerRow {
  /** Names of its functions in `layers`. */
  names: readonly string[];
  /** Number of axes of its input samples. */
  ranks: readonly number[];
  /** Options for an input of this shape; undefined if none fit. */
  draw: (draw: Draw, input: DrawnInput) => DrawnOptions | undefined;
}

/** A window size of at most `size`. */
export const windowOf = (draw: Draw, size: number): number => draw.whole(1, Math.min(3, size));
