export { categoricalCrossentropy } from './categorical-crossentropy.js';
export type { CrossentropyOptions } from './crossentropy-options.js';
export { halfSquaredError } from './half-squared-error.js';
export { meanSquaredError, meanSquaredError as mse } from './mean-squared-error.js';
export { sparseCategoricalCrossentropy } from './sparse-categorical-crossentropy.js';
