import type { Tensor } from '../tensor/index.js';
import type { SampleReader } from './batch-reader.js';

/** Samples to validate a fit on. */
export interface ValidationSet {
  /** Maximum number of sets of samples to evaluate. */
  readonly maxSets: number;
  /** Number of batches; null if unknown. */
  readonly steps: number | null;
  /** Opens a reader at the first sample. */
  open(): SampleReader;
  /** Whether ranks share the sets among them. Each has all. */
  readonly isShared?: boolean;
  /** Whether the samples are the rest of a pass of training, and can be read only after its training part. */
  readonly isWithinPass?: boolean;
  /** Derives the seed of a set, by its index, from the seed of the validation. */
  seedOf(seed: number, set: number): number;
  /**
   * Copies of the targets, if samples are the same in every epoch. Default: targets are copied from each set.
   */
  readonly targets?: readonly Tensor[];
  /** Releases the samples. */
  close?(): void;
}
