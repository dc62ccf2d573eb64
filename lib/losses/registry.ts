import { functionName } from '../class-names.js';
import { ConvforgeError } from '../errors.js';
import { show, unknownName } from '../options.js';
import type { LossDescription } from '../program/description.js';
import { describeLoss, isLossKind } from './describe.js';
import type { Spelled } from '../spelling.js';
import * as losses from './list.js';

/** The name of a loss. */
export type LossName = keyof typeof NAMED;

/** A name in camelCase or snake_case ('mse' for short), a function of `losses`, or what one returned. */
export type LossIdentifier = Spelled<LossName> | (() => LossDescription) | LossDescription;

type DescribeLoss = (options?: Readonly<Record<string, unknown>>) => LossDescription;

/** Those of `losses` that models can be trained on: the others are only computed at once. */
const { computeWeightedLoss: _reduce, cosineDistance: _distance, logLoss: _log, ...NAMED } = losses;
const LOSSES: ReadonlyMap<string, DescribeLoss> = new Map(Object.entries(NAMED) as [string, DescribeLoss][]);

/** Throws INVALID_ARGUMENT for what is no loss, UNSUPPORTED for a name or function that isn't there. */
export function getLoss(identifier: LossIdentifier): LossDescription {
  if (typeof identifier === 'string') return lossFunction(identifier)();
  if (typeof identifier === 'function') {
    if ([...LOSSES.values()].includes(identifier)) return identifier();
    throw new ConvforgeError(
      'UNSUPPORTED',
      `loss is ${show(identifier)}; a loss of your own can't be compiled in, use one of ${[...LOSSES.keys()].join(', ')}.`,
    );
  }
  if (identifier !== null && typeof identifier === 'object' && isLossKind(identifier.kind)) {
    const { kind, ...options } = identifier;
    return describeLoss(kind, options);
  }
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    `loss is ${show(identifier)}; give one, such as 'categoricalCrossentropy'.`,
  );
}

function lossFunction(name: string): DescribeLoss {
  const loss = LOSSES.get(functionName(name));
  if (loss) return loss;
  throw new ConvforgeError('UNSUPPORTED', unknownName('loss', name, [...LOSSES.keys()]));
}

/** The options that make it again. */
export function lossConfig({
  kind,
  ...numbers
}: LossDescription): Record<string, number | boolean | undefined> {
  if (kind === 'sparseCategoricalCrossentropy') {
    const { labelSmoothing, ignoreClass, ...others } = numbers;
    // Keras's has no smoothing, so a loss that can do without doesn't mention it.
    return { ...others, ...(labelSmoothing ? { labelSmoothing } : {}), ignoreClass };
  }
  if (kind !== 'binaryFocalCrossentropy') return numbers;
  return { alpha: 0.25, ...numbers, applyClassBalancing: numbers.alpha !== undefined };
}

/** Whether its name says it all. */
export function isDefaultLoss(loss: LossDescription): boolean {
  const config = lossConfig(loss);
  const defaults = lossConfig(describeLoss(loss.kind));
  return Object.entries(config).every(([key, value]) => defaults[key] === value);
}

/** A loss by name with those of the options that it has; others, such as 'name' and 'reduction' in Keras's files, don't matter here. */
export function lossFromConfig(name: string, config: Readonly<Record<string, unknown>>): LossDescription {
  const make = lossFunction(name);
  const { kind: _, ...numbers } = make();
  const known = Object.keys({ ...numbers, ...lossConfig(make()) });
  return make(Object.fromEntries(Object.entries(config).filter(([key]) => known.includes(key))));
}
