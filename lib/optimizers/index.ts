export { Adam, type AdamOptions, adam } from './adam.js';
export { Optimizer } from './base-optimizer.js';
export { SGD, type SGDOptions, sgd } from './sgd.js';
