export * from './list.js';
export type { OptimizerIdentifier, OptimizerName } from './registry.js';
