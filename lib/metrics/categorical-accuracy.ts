import type { Metric } from './metric.js';

/** Share of samples whose largest output is where the one-hot target is largest. */
export const categoricalAccuracy: Metric = { kind: 'categoricalAccuracy', logKey: 'categoricalAccuracy' };
