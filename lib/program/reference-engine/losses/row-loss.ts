import type { LossDescription } from '../../description.js';

/** The numbers of a description, with defaults in their places. */
export type LossNumbers = Required<Pick<LossDescription, 'delta' | 'gamma'>> & Pick<LossDescription, 'alpha'>;

/** A row: outputs against targets. */
export interface RowCall {
  /** Logits where `logits`. */
  readonly p: Float64Array;
  readonly t: Float64Array;
  readonly logits: boolean;
  readonly numbers: LossNumbers;
  /** To be filled with the gradient of the row's loss, by `p`. */
  readonly gradient: Float64Array;
}

export interface RowLoss {
  /** What the targets are. */
  readonly targets: 'values' | 'classes';
  /** The activation whose logits it can take: where one of those is an output, they are used. */
  readonly logitsOf?: 'softmax' | 'sigmoid';
  /** Whether a sample's rows are summed, not averaged. */
  readonly sumsRows?: boolean;
  /** Returns the row's loss and writes the gradient. */
  compute(call: RowCall): number;
}

/** Keras's epsilon: probabilities are clipped to [EPSILON, 1 - EPSILON]. */
export const EPSILON = 1e-7;

export function clip(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
