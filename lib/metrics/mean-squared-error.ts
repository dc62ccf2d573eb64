import type { Metric } from './metric.js';

/** Mean of (p - t)^2. */
export const meanSquaredError: Metric = { kind: 'meanSquaredError', logKey: 'mse' };
