export * from './list.js';
export type { MetricIdentifier, MetricName } from './registry.js';
