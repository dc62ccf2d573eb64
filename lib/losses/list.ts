export {
  type BinaryFocalOptions,
  binaryCrossentropy,
  binaryFocalCrossentropy,
  type CrossentropyOptions,
  categoricalCrossentropy,
  categoricalFocalCrossentropy,
  type FocalOptions,
  type LogitsOptions,
  type SparseCrossentropyOptions,
  sparseCategoricalCrossentropy,
} from './crossentropies.js';
export {
  cosineSimilarity,
  cosineSimilarity as cosineProximity,
  klDivergence,
  klDivergence as kld,
  klDivergence as kullbackLeiblerDivergence,
  poisson,
} from './distributions.js';
export {
  type HuberOptions,
  halfSquaredError,
  huber,
  logCosh,
  logCosh as logcosh,
  meanAbsoluteError,
  meanAbsoluteError as absoluteDifference,
  meanAbsoluteError as mae,
  meanAbsolutePercentageError,
  meanAbsolutePercentageError as mape,
  meanSquaredError,
  meanSquaredError as mse,
  meanSquaredLogarithmicError,
  meanSquaredLogarithmicError as msle,
} from './errors.js';
export type { LossFunction } from './loss-function.js';
export { categoricalHinge, hinge, hinge as hingeLoss, squaredHinge } from './margins.js';
export { computeWeightedLoss } from './reduction.js';
export { cosineDistance, huberLoss, logLoss, sigmoidCrossEntropy, softmaxCrossEntropy } from './tfjs.js';
export type { LossDescription, LossKind } from '../program/description.js';
