import { OptionChecks, show } from '../options.js';
import { nextSeed, RandomGenerator } from '../random/index.js';
import { Tensor } from '../tensor/index.js';

/** Options of `dataset.split`. */
export interface SplitOptions<T> {
  /** Of the choice, a whole number in [0, 2^53). Default: drawn from the global generator now, see setSeed. */
  seed?: number;
  /**
   * Whether each part has its share of every class: true goes by an element's `ys`, a function by what it gives for an element. Default
   * false.
   */
  stratify?: boolean | ((element: T) => unknown);
}

/** A split that was asked for, checked. */
export interface Split<T> {
  /** The first part's share, in (0, 1). */
  fraction: number;
  seed: number;
  /** The class of an element; undefined where classes don't matter. */
  classOf?: (element: T, index: number) => unknown;
}

/** Throws INVALID_ARGUMENT, UNKNOWN_OPTION. */
export function readSplit<T>(fraction: number, options: SplitOptions<T> = {}): Split<T> {
  const checks = new OptionChecks('dataset.split');
  checks.number('fraction', fraction, (value) => value > 0 && value < 1, 'a number between 0 and 1');
  checks.keys(options, ['seed', 'stratify']);
  const { stratify = false } = options;
  if (typeof stratify !== 'boolean' && typeof stratify !== 'function')
    checks.fail('INVALID_ARGUMENT', `stratify is ${show(stratify)}; it must be true, false or a function.`);
  const seed = checks.whole('seed', options.seed ?? nextSeed(), 0);
  if (stratify === false) return { fraction, seed };
  const labelOf = (element: T, index: number) => {
    const { ys } = (element ?? {}) as { ys?: unknown };
    if (ys !== undefined) return ys;
    return checks.fail(
      'INVALID_ARGUMENT',
      `element ${index} has no ys to stratify by; give a function: { stratify: (element) => element.label }.`,
    );
  };
  return { fraction, seed, classOf: stratify === true ? labelOf : stratify };
}

/** Numbers and texts as they are; lists, tensors and objects by what they hold, so that equal ones are one class. */
export function classKey(label: unknown): string {
  return JSON.stringify(label, (_key, value: unknown) => {
    if (value instanceof Tensor) return [value.shape, Array.from(value.dataSync())];
    return ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value;
  });
}

/**
 * Which of the elements with these classes are in the first part: round(fraction * n) of n, drawn at random; of each class its share,
 * rounded so that the sum is right (the classes with the largest remainders get one more).
 */
export function drawFirstPart(
  classes: readonly string[],
  fraction: number,
  seed: number,
): readonly boolean[] {
  const members = new Map<string, number[]>();
  for (const [i, key] of classes.entries()) {
    const known = members.get(key);
    if (known) known.push(i);
    else members.set(key, [i]);
  }
  const random = new RandomGenerator(seed);
  const isFirst = new Array<boolean>(classes.length).fill(false);
  const shares = [...members.values()].map((list) => ({ list, share: fraction * list.length }));
  const whole = shares.reduce((sum, { share }) => sum + Math.floor(share), 0);
  // A stable sort: of equal remainders, those of the class that is seen first.
  const byRemainder = [...shares].sort((a, b) => (b.share % 1) - (a.share % 1));
  const raised = new Set(byRemainder.slice(0, firstCount(classes.length, fraction) - whole));
  for (const each of shares) {
    const count = Math.floor(each.share) + (raised.has(each) ? 1 : 0);
    for (const place of random.permutation(each.list.length).subarray(0, count))
      isFirst[each.list[place]] = true;
  }
  return isFirst;
}

/** How many of n elements the first part has. */
export function firstCount(n: number, fraction: number): number {
  return Math.round(n * fraction);
}
