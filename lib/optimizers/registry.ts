import { ConvforgeError } from '../errors.js';
import { show, unknownName } from '../options.js';
import type { Serialized } from '../serialized.js';
import { Optimizer, type OptimizerClass } from './base-optimizer.js';
import * as optimizers from './list.js';

/** The name of an optimizer. */
export type OptimizerName =
  | 'sgd'
  | 'adam'
  | 'adamw'
  | 'adamax'
  | 'nadam'
  | 'rmsprop'
  | 'adagrad'
  | 'adadelta'
  | 'lion';

/** A name, an optimizer, or {className, config} from getClassName() and getConfig(). */
export type OptimizerIdentifier = OptimizerName | Optimizer | Serialized;

const OPTIMIZER_CLASSES: ReadonlyMap<string, OptimizerClass> = new Map(
  Object.values(optimizers)
    .filter((exported) => isOptimizerClass(exported))
    .map((optimizerClass) => [optimizerClass.className.toLowerCase(), optimizerClass]),
);

/** Throws INVALID_ARGUMENT for a value that is no optimizer, UNSUPPORTED for an unknown name. */
export function getOptimizer(identifier: OptimizerIdentifier): Optimizer {
  if (identifier instanceof Optimizer) return identifier;
  const serialized = typeof identifier === 'object' && identifier !== null;
  const name = serialized ? identifier.className : identifier;
  if (typeof name !== 'string') {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `optimizer is ${show(identifier)}; it must be 'sgd', 'adam', or made by train.adam(), optimizers.sgd({...}) and the like.`,
    );
  }
  const found = OPTIMIZER_CLASSES.get(name.toLowerCase());
  if (!found) {
    throw new ConvforgeError('UNSUPPORTED', unknownName('optimizer', name, [...OPTIMIZER_CLASSES.keys()]));
  }
  return serialized ? new found(identifier.config) : new found();
}

function isOptimizerClass(exported: unknown): exported is OptimizerClass {
  return typeof exported === 'function' && exported.prototype instanceof Optimizer;
}
