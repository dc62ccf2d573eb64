import type { LayersModel } from '../models/layers-model.js';
import type { Logs } from '../training/logs.js';

/** What a fit will do, as callbacks are told before it begins. */
export interface CallbackParams {
  epochs: number;
  initialEpoch: number;
  /** Training samples, without those kept for validation; null in fitDataset. */
  samples: number | null;
  /** Batches in an epoch; null where a dataset doesn't tell. */
  steps: number | null;
  /** null in fitDataset. */
  batchSize: number | null;
  verbose: number;
  /** Whether logs will have val_ keys. */
  doValidation: boolean;
  /** Keys of the logs. */
  metrics: readonly string[];
}

/** Where a batch is: its number in the epoch and its samples. With onBatchEnd, also the batch's means (loss, acc). */
export type BatchLogs = Logs & { batch: number; size: number };

/**
 * Moments of a fit; it waits for what a hook returns. A fit without batch hooks runs a whole epoch in one go, so leave those out
 * where they aren't needed.
 */
export interface CallbackHooks {
  onTrainBegin?(logs?: Logs): unknown;
  onTrainEnd?(logs?: Logs): unknown;
  onEpochBegin?(epoch: number, logs?: Logs): unknown;
  onEpochEnd?(epoch: number, logs?: Logs): unknown;
  onBatchBegin?(batch: number, logs?: BatchLogs): unknown;
  onBatchEnd?(batch: number, logs?: BatchLogs): unknown;
}

/** Hooks in a plain object; any other key is an error. */
export interface CallbackObject extends CallbackHooks {
  setModel?(model: LayersModel): void;
  setParams?(params: CallbackParams): void;
}

export type CallbackLike = Callback | CallbackObject;

/** A base to extend: override the hooks that you need. */
export class Callback implements CallbackObject {
  /** Set before onTrainBegin. */
  model!: LayersModel;
  /** Set before onTrainBegin. */
  params!: CallbackParams;

  setModel(model: LayersModel): void {
    this.model = model;
  }

  setParams(params: CallbackParams): void {
    this.params = params;
  }

  onTrainBegin(_logs?: Logs): unknown {
    return undefined;
  }

  onTrainEnd(_logs?: Logs): unknown {
    return undefined;
  }

  onEpochBegin(_epoch: number, _logs?: Logs): unknown {
    return undefined;
  }

  onEpochEnd(_epoch: number, _logs?: Logs): unknown {
    return undefined;
  }

  onBatchBegin(_batch: number, _logs?: BatchLogs): unknown {
    return undefined;
  }

  onBatchEnd(_batch: number, _logs?: BatchLogs): unknown {
    return undefined;
  }
}
