import { camelCase } from '../camel-case.js';
import { ConvforgeError } from '../errors.js';
import { show, unknownName } from '../options.js';
import type { LossDescription } from '../program/description.js';
import * as losses from './index.js';

/** A name in camelCase or snake_case ('mse' for short), a function of `losses`, or what one returned. */
export type LossIdentifier = keyof typeof losses | (string & {}) | (() => LossDescription) | LossDescription;

const LOSSES: ReadonlyMap<string, () => LossDescription> = new Map(Object.entries(losses));

/** Throws INVALID_ARGUMENT for what is no loss, UNSUPPORTED for a name or function that isn't there. */
export function getLoss(identifier: LossIdentifier): LossDescription {
  if (typeof identifier === 'string') {
    const loss = LOSSES.get(camelCase(identifier));
    if (loss) return loss();
    throw new ConvforgeError('UNSUPPORTED', unknownName('loss', identifier, [...LOSSES.keys()]));
  }
  if (typeof identifier === 'function') {
    if ([...LOSSES.values()].includes(identifier)) return identifier();
    throw new ConvforgeError(
      'UNSUPPORTED',
      `loss is ${show(identifier)}; a loss of your own can't be compiled in, use one of ${[...LOSSES.keys()].join(', ')}.`,
    );
  }
  if (identifier !== null && typeof identifier === 'object' && LOSSES.has(identifier.kind)) {
    return { kind: identifier.kind, fromLogits: identifier.fromLogits === true };
  }
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    `loss is ${show(identifier)}; give one, such as 'categoricalCrossentropy'.`,
  );
}
