import { OptionChecks } from '../options.js';
import type { LossDescription, LossKind } from '../program/description.js';

/** The options of losses. A loss accepts those of DEFAULTS and OPTIONAL, and rejects all others. */
type LossOptions = Omit<LossDescription, 'kind' | 'ignoreClass'> & { ignoreClass?: number | null };

const CROSSENTROPY: LossOptions = { fromLogits: false, labelSmoothing: 0 };

const DEFAULTS: Readonly<Record<LossKind, LossOptions>> = {
  categoricalCrossentropy: CROSSENTROPY,
  sparseCategoricalCrossentropy: CROSSENTROPY,
  binaryCrossentropy: CROSSENTROPY,
  binaryFocalCrossentropy: { ...CROSSENTROPY, gamma: 2 },
  categoricalFocalCrossentropy: { ...CROSSENTROPY, gamma: 2, alpha: 0.25 },
  meanSquaredError: {},
  meanAbsoluteError: {},
  meanAbsolutePercentageError: {},
  meanSquaredLogarithmicError: {},
  halfSquaredError: {},
  huber: { delta: 1 },
  logCosh: {},
  hinge: {},
  squaredHinge: {},
  categoricalHinge: {},
  klDivergence: {},
  poisson: {},
  cosineSimilarity: {},
};

/** Options without a default. */
const OPTIONAL: Readonly<Partial<Record<LossKind, readonly (keyof LossOptions)[]>>> = {
  binaryFocalCrossentropy: ['alpha'],
  sparseCategoricalCrossentropy: ['ignoreClass'],
};

export function isLossKind(kind: unknown): kind is LossKind {
  return typeof kind === 'string' && Object.hasOwn(DEFAULTS, kind);
}

/**
 * Checks the options and fills in the defaults. Throws INVALID_ARGUMENT or UNKNOWN_OPTION, naming the loss.
 */
export function describeLoss(kind: LossKind, options: LossOptions = {}): LossDescription {
  const checks = new OptionChecks(kind);
  checks.keys(options, [...Object.keys(DEFAULTS[kind]), ...(OPTIONAL[kind] ?? [])]);
  const { ignoreClass, ...others } = options;
  const given = Object.entries(others).filter(([, value]) => value !== undefined);
  const description = { kind, ...DEFAULTS[kind], ...Object.fromEntries(given) } as LossDescription;
  const { fromLogits, labelSmoothing, delta, gamma, alpha } = description;
  if (fromLogits !== undefined) checks.boolean('fromLogits', fromLogits);
  if (labelSmoothing !== undefined)
    checks.number('labelSmoothing', labelSmoothing, (s) => s >= 0 && s <= 1, 'from 0 to 1');
  if (delta !== undefined) checks.number('delta', delta, (d) => d > 0, 'above 0');
  if (gamma !== undefined) checks.number('gamma', gamma, (g) => g >= 0, 'from 0 up');
  if (alpha !== undefined) checks.number('alpha', alpha, () => true, 'a finite number');
  if (ignoreClass === undefined || ignoreClass === null) return description;
  const fits = (label: number) => label === Math.trunc(label) && Math.abs(label) < 2 ** 31;
  return {
    ...description,
    ignoreClass: checks.number('ignoreClass', ignoreClass, fits, 'a whole number of 32 bits'),
  };
}
