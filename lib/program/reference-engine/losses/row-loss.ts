import type { LossDescription } from '../../description.js';

/** The parameters of a loss, with defaults filled in. */
export type LossNumbers = Required<Pick<LossDescription, 'delta' | 'gamma'>> & Pick<LossDescription, 'alpha'>;

/** The outputs and targets of one row. */
export interface RowCall {
  /** The outputs, or their logits if `logits` is true. */
  readonly p: Float64Array;
  readonly t: Float64Array;
  readonly logits: boolean;
  readonly numbers: LossNumbers;
  /** The gradient of the row's loss by `p`, to fill. */
  readonly gradient: Float64Array;
}

export interface RowLoss {
  /** The type of the targets. */
  readonly targets: 'values' | 'classes';
  /** The activation that the loss can fuse: if an output is one, the loss reads its logits. */
  readonly logitsOf?: 'softmax' | 'sigmoid';
  /** Whether to sum a sample's rows instead of averaging them. */
  readonly sumsRows?: boolean;
  /** Returns the row's loss and writes the gradient. */
  compute(call: RowCall): number;
}

/** Keras's epsilon: probabilities are clipped to [EPSILON, 1 - EPSILON]. */
export const EPSILON = 1e-7;

export function clip(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
