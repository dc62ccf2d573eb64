import type { Metric } from './metric.js';

/** Share of samples whose largest output is at the target, a class as a whole number. */
export const sparseCategoricalAccuracy: Metric = {
  kind: 'sparseCategoricalAccuracy',
  logKey: 'sparseCategoricalAccuracy',
};
