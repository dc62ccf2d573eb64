import type { Draw } from './draw.js';
import type { Limit, Options } from './spec.js';

/** A value that a layer may take. */
export interface DrawnInput {
  shape: readonly number[];
  /** Whether it comes from an input, without weights between them. */
  isPlain: boolean;
  /** Whether elements of different places may have one value: which of them is a maximum differs. */
  hasTies: boolean;
}

export interface DrawnOptions {
  options: Options;
  optionsHere?: Options;
  limits?: readonly Limit[];
  /** Whether many of its outputs may be the same. */
  makesTies?: boolean;
  /** Whether TF.js's gradient is right for a single sample alone. */
  takesOneSample?: boolean;
}

/** A layer that both packages have. */
export interface LayerRow {
  /** Its functions in `layers`. */
  names: readonly string[];
  /** Of the samples that it takes. */
  ranks: readonly number[];
  /** Options for an input of this shape; undefined if there are none. */
  draw: (draw: Draw, input: DrawnInput) => DrawnOptions | undefined;
}

/** A window no larger than `size`. */
export const windowOf = (draw: Draw, size: number): number => draw.whole(1, Math.min(3, size));
