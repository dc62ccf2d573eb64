import { OptionChecks, show } from '../options.js';
import { nextSeed, RandomGenerator } from '../random/index.js';
import { Tensor } from '../tensor/index.js';

/** Options of `dataset.split`. */
export interface SplitOptions<T> {
  /** A whole number in [0, 2^53). Default: drawn from the global generator now, see setSeed. */
  seed?: number;
  /**
   * Whether each part has its share of every class. true takes an element's `ys` as its class, a function its
   * return value. Default false.
   */
  stratify?: boolean | ((element: T) => unknown);
}

/** The checked arguments of a split. */
export interface Split<T> {
  /** The first part's share, in (0, 1). */
  fraction: number;
  seed: number;
  /** The class of an element; undefined without stratification. */
  classOf?: (element: T, index: number) => unknown;
}

/** Reads and checks the arguments. Throws INVALID_ARGUMENT, UNKNOWN_OPTION. */
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

/** A string that is equal for equal labels, whether numbers, strings, lists, tensors or objects. */
export function classKey(label: unknown): string {
  return JSON.stringify(label, (_key, value: unknown) => {
    if (value instanceof Tensor) return [value.shape, Array.from(value.dataSync())];
    return ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value;
  });
}

/**
 * Draws which elements are in the first part: round(fraction * n) of n. Each class gets its share, rounded so
 * that the sum is right: the classes with the largest remainders get one more.
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
  // The sort is stable: of equal remainders, the class that occurs first comes first.
  const byRemainder = [...shares].sort((a, b) => (b.share % 1) - (a.share % 1));
  const raised = new Set(byRemainder.slice(0, firstCount(classes.length, fraction) - whole));
  for (const each of shares) {
    const count = Math.floor(each.share) + (raised.has(each) ? 1 : 0);
    for (const index of random.permutation(each.list.length).subarray(0, count))
      isFirst[each.list[index]] = true;
  }
  return isFirst;
}

/** The number of elements in the first part, of n. */
export function firstCount(n: number, fraction: number): number {
  return Math.round(n * fraction);
}
