export { binaryAccuracy } from './binary-accuracy.js';
export { categoricalAccuracy } from './categorical-accuracy.js';
export { meanSquaredError, meanSquaredError as mse } from './mean-squared-error.js';
export type { Metric } from './metric.js';
export { sparseCategoricalAccuracy } from './sparse-categorical-accuracy.js';
