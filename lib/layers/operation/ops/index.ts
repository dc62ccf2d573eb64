// The definition of each operation, under its name.
export * from './activations.js';
export * from './cutting.js';
export * from './elementwise.js';
export * from './images.js';
export * from './products.js';
export * from './reductions.js';
export * from './shapes.js';
