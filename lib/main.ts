import './absent/methods.js';
import { missing } from './absent/namespaces.js';
import * as tf from './index.js';

/*
 * The package's entry point. index.ts has its types. This module adds TF.js's names that convforge lacks, as
 * functions that throw and say what to do instead. The types lack these names, so editors don't offer them
 * and the compiler refuses them.
 */

export * from './absent/functions.js';
export * from './absent/internals.js';
export {
  browser,
  ENV,
  fused,
  linalg,
  serialization,
  signal,
  sparse,
  spectral,
  string,
} from './absent/namespaces.js';
export * from './index.js';

export const data = { ...missing.data, ...tf.data };
export const image = { ...missing.image, ...tf.image };
export const io = { ...missing.io, ...tf.io };
export const layers = { ...missing.layers, input: tf.input, ...tf.layers };
export const metrics = { ...missing.metrics, ...tf.metrics };
export const node = { ...missing.node, ...tf.node };
export const util = { ...missing.util, ...tf.util };
