export {
  type BatchLogs,
  Callback,
  type CallbackHooks,
  type CallbackLike,
  type CallbackObject,
  type CallbackParams,
  type CallbackState,
  type TrainedModel,
  type NonFiniteReport,
} from './callback.js';
export { CSVLogger, type CSVLoggerOptions, csvLogger } from './csv-logger.js';
export { CustomCallback, customCallback } from './custom-callback.js';
export { EarlyStopping, type EarlyStoppingOptions, earlyStopping } from './early-stopping.js';
export { History } from './history.js';
export {
  type LearningRateFunction,
  LearningRateScheduler,
  type LearningRateSchedulerOptions,
  learningRateScheduler,
} from './learning-rate-scheduler.js';
export { ModelCheckpoint, type ModelCheckpointOptions, modelCheckpoint } from './model-checkpoint.js';
export type { MonitorMode, MonitorOptions } from './monitor.js';
export {
  ReduceLROnPlateau,
  type ReduceLROnPlateauOptions,
  reduceLROnPlateau,
} from './reduce-lr-on-plateau.js';
export { TensorBoard, type TensorBoardOptions, tensorBoard } from './tensor-board/tensor-board.js';
export { TerminateOnNaN, terminateOnNaN } from './terminate-on-nan.js';
export type { CallbackVerbosity } from './format.js';
