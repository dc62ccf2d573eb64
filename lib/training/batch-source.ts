import type { LabelledSamples } from './labelled-data.js';

/** Samples that are trained on in one run of the program. */
export interface TrainingPart {
  samples: LabelledSamples;
  /** Those of them that are used, in this order. */
  order: Uint32Array;
  batchSize: number;
  /** Whether it is a single batch: callbacks are told of it, and may end the epoch behind it. */
  isBatch: boolean;
  /** Reads the next part. Called once a run of this one is under way. */
  readAhead?(): void;
}

/** Where the batches of a fit come from. */
export interface BatchSource {
  /** Training samples; null where nobody knows. */
  readonly samples: number | null;
  /** null where batches differ in size. */
  readonly batchSize: number | null;
  /** Batches in an epoch; null as long as nobody knows. */
  readonly steps: number | null;
  /** Opens it for an epoch, counted from 0. Resolves to false if there is no data for it. */
  begin(epoch: number): Promise<boolean>;
  /** The parts of the epoch, as single batches where `byBatch`. A part is valid until the next one is asked for. */
  parts(epoch: number, byBatch: boolean): Iterable<TrainingPart> | AsyncIterable<TrainingPart>;
  /** Ends an epoch. False if there is no data for another. */
  end(epoch: number): boolean;
  /** Lets the samples go. */
  close(): void;
}
