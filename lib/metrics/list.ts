export {
  type BinaryAccuracyOptions,
  binaryAccuracy,
  categoricalAccuracy,
  sparseCategoricalAccuracy,
  sparseTopKCategoricalAccuracy,
  type TopKOptions,
  topKCategoricalAccuracy,
} from './accuracies.js';
export { type AUCOptions, auc } from './auc.js';
export { type F1ScoreOptions, f1Score, type PrecisionOptions, precision, recall } from './class-counts.js';
export { confusionMatrix } from './confusion-matrix.js';
export {
  binaryCrossentropy,
  categoricalCrossentropy,
  categoricalHinge,
  cosineProximity,
  cosineSimilarity,
  hinge,
  huber,
  klDivergence,
  klDivergence as kld,
  klDivergence as kullbackLeiblerDivergence,
  logCosh,
  logCosh as logcosh,
  meanAbsoluteError,
  meanAbsoluteError as mae,
  meanAbsolutePercentageError,
  meanAbsolutePercentageError as mape,
  meanAbsolutePercentageError as MAPE,
  meanSquaredError,
  meanSquaredError as mse,
  meanSquaredError as MSE,
  meanSquaredLogarithmicError,
  meanSquaredLogarithmicError as msle,
  poisson,
  rootMeanSquaredError,
  rootMeanSquaredError as rmse,
  sparseCategoricalCrossentropy,
  squaredHinge,
} from './means.js';
export { Metric, type MetricOptions } from './metric.js';
export type { MetricFunction } from './metric-function.js';
