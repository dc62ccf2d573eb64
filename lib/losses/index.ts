export * from './list.js';
export type { LossIdentifier, LossName } from './registry.js';
