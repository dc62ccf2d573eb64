import { Callback, type CallbackLike } from './callback.js';
import { CSVLogger } from './csv-logger.js';
import { EarlyStopping } from './early-stopping.js';
import { History } from './history.js';
import { LearningRateScheduler } from './learning-rate-scheduler.js';
import { ModelCheckpoint } from './model-checkpoint.js';
import { ReduceLROnPlateau } from './reduce-lr-on-plateau.js';
import { TensorBoard } from './tensor-board/tensor-board.js';

/** What the hooks of our own callbacks add to the logs of an epoch: those of subclasses may add more. */
const ADDED = new Map<unknown, readonly string[]>([
  [undefined, []],
  [LearningRateScheduler.prototype.onEpochEnd, ['learningRate']],
  [ReduceLROnPlateau.prototype.onEpochEnd, ['learningRate']],
  ...[Callback, CSVLogger, EarlyStopping, History, ModelCheckpoint, TensorBoard].map(
    ({ prototype }) => [prototype.onEpochEnd, []] as const,
  ),
]);

/** The keys that a callback adds to the logs of an epoch; undefined where that can't be told. */
export function addedKeys(callback: CallbackLike): readonly string[] | undefined {
  return ADDED.get(callback.onEpochEnd);
}
