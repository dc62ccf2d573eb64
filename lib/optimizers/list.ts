export { Adadelta, type AdadeltaOptions, adadelta } from './adadelta.js';
export { Adagrad, type AdagradOptions, adagrad } from './adagrad.js';
export { Adam, type AdamOptions, adam } from './adam.js';
export { Adamax, type AdamaxOptions, adamax } from './adamax.js';
export { AdamW, adamw } from './adamw.js';
export { Optimizer, type OptimizerOptions } from './base-optimizer.js';
export { Lion, type LionOptions, lion } from './lion.js';
export { Nadam, type NadamOptions, nadam } from './nadam.js';
export { RMSprop, type RMSpropOptions, rmsprop } from './rmsprop.js';
/** Learning rates that depend on the number of training steps, for any optimizer's `learningRate`. */
export * as schedules from './schedules/index.js';
export { SGD, type SGDOptions, sgd } from './sgd.js';
