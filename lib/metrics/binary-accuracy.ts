import type { Metric } from './metric.js';

/** Share of elements with (p > 0.5) == (t > 0.5). */
export const binaryAccuracy: Metric = { kind: 'binaryAccuracy', logKey: 'binaryAccuracy' };
