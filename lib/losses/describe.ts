import { OptionChecks } from '../options.js';
import type { LossDescription, LossKind } from '../program/description.js';

/** The options that a loss may have, with their defaults; all that it doesn't name are unknown to it. */
type LossOptions = Omit<LossDescription, 'kind'>;

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

export function isLossKind(kind: unknown): kind is LossKind {
  return typeof kind === 'string' && Object.hasOwn(DEFAULTS, kind);
}

/** Throws INVALID_ARGUMENT or UNKNOWN_OPTION, naming the loss. */
export function describeLoss(kind: LossKind, options: LossOptions = {}): LossDescription {
  const checks = new OptionChecks(kind);
  const known = Object.keys(DEFAULTS[kind]);
  checks.keys(options, kind === 'binaryFocalCrossentropy' ? [...known, 'alpha'] : known);
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const description: LossDescription = { kind, ...DEFAULTS[kind], ...Object.fromEntries(given) };
  const { fromLogits, labelSmoothing, delta, gamma, alpha } = description;
  if (fromLogits !== undefined) checks.boolean('fromLogits', fromLogits);
  if (labelSmoothing !== undefined)
    checks.number('labelSmoothing', labelSmoothing, (s) => s >= 0 && s <= 1, 'from 0 to 1');
  if (delta !== undefined) checks.number('delta', delta, (d) => d > 0, 'above 0');
  if (gamma !== undefined) checks.number('gamma', gamma, (g) => g >= 0, 'from 0 up');
  if (alpha !== undefined) checks.number('alpha', alpha, () => true, 'a finite number');
  return description;
}
