import { functionName } from '../class-names.js';
import { ConvforgeError } from '../errors.js';
import { show, unknownName } from '../options.js';
import type { LossDescription } from '../program/description.js';
import type { Spelled } from '../spelling.js';
import { describeLoss, isLossKind } from './describe.js';
import * as losses from './list.js';

/** The name of a loss. */
export type LossName = keyof typeof NAMED;

/** A loss's name in camelCase or snake_case (or 'mse'), a function of `losses`, or its result. */
export type LossIdentifier = Spelled<LossName> | (() => LossDescription) | LossDescription;

type DescribeLoss = (options?: Readonly<Record<string, unknown>>) => LossDescription;

/** The functions of `losses` that compile accepts. The others only compute values. */
const { computeWeightedLoss: _reduce, cosineDistance: _distance, logLoss: _log, ...NAMED } = losses;
const LOSSES: ReadonlyMap<string, DescribeLoss> = new Map(Object.entries(NAMED) as [string, DescribeLoss][]);

/** Throws INVALID_ARGUMENT for a value that is no loss, UNSUPPORTED for an unknown name or function. */
export function getLoss(identifier: LossIdentifier): LossDescription {
  if (typeof identifier === 'string') return lossFunction(identifier)();
  if (typeof identifier === 'function') {
    if ([...LOSSES.values()].includes(identifier)) return identifier();
    throw new ConvforgeError(
      'UNSUPPORTED',
      `loss is ${show(identifier)}; a custom loss can't be compiled; use one of ${[...LOSSES.keys()].join(', ')}.`,
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

/** The options that make the loss again. */
export function lossConfig({
  kind,
  ...numbers
}: LossDescription): Record<string, number | boolean | undefined> {
  if (kind === 'sparseCategoricalCrossentropy') {
    const { labelSmoothing, ignoreClass, ...others } = numbers;
    // Keras's loss has no smoothing, so the config leaves out a smoothing of 0.
    return { ...others, ...(labelSmoothing ? { labelSmoothing } : {}), ignoreClass };
  }
  if (kind !== 'binaryFocalCrossentropy') return numbers;
  return { alpha: 0.25, ...numbers, applyClassBalancing: numbers.alpha !== undefined };
}

/** Whether the loss has default options, so that its name describes it. */
export function isDefaultLoss(loss: LossDescription): boolean {
  const config = lossConfig(loss);
  const defaults = lossConfig(describeLoss(loss.kind));
  return Object.entries(config).every(([key, value]) => defaults[key] === value);
}

/**
 * Makes a loss from a file's name and config. Ignores options that it lacks, such as 'name' and 'reduction'
 * of Keras's files.
 */
export function lossFromConfig(name: string, config: Readonly<Record<string, unknown>>): LossDescription {
  const make = lossFunction(name);
  const { kind: _, ...numbers } = make();
  const known = Object.keys({ ...numbers, ...lossConfig(make()) });
  return make(Object.fromEntries(Object.entries(config).filter(([key]) => known.includes(key))));
}
