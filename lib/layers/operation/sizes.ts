import { type OptionChecks, isPlainObject, show } from '../../options.js';
import type { Shape } from '../../program/description.js';

/** The size of the batch, which no attribute may depend on but as it is. */
export const BATCH = Symbol('batch');

/** A size: a number, or the batch's. */
export type Size = number | typeof BATCH;

/** The sizes of one argument of an operation, the batch in front if it has one. */
export type FullShape = readonly Size[];

/**
 * A size in an attribute: a number, or what it is computed from once the sizes of the operation's inputs are
 * known. `{ size: [input, axis] }` is a size of an input, whose axis 0 is the batch. `div` rounds down.
 */
export type SizeExpression =
  | number
  | { readonly size: readonly [input: number, axis: number] }
  | { readonly [Name in SizeFunction]?: readonly SizeExpression[] };

/** What sizes may be computed by. */
export type SizeFunction = 'add' | 'sub' | 'mul' | 'div' | 'mod' | 'max' | 'min' | 'floor' | 'ceil' | 'round';

/** How deep expressions may nest. Importers fold what they can, and a file may have any depth. */
const MAX_DEPTH = 24;

const FUNCTIONS: Readonly<Record<SizeFunction, { arity: 1 | 2; compute(a: number, b: number): number }>> = {
  add: { arity: 2, compute: (a, b) => a + b },
  sub: { arity: 2, compute: (a, b) => a - b },
  mul: { arity: 2, compute: (a, b) => a * b },
  div: { arity: 2, compute: (a, b) => Math.floor(a / b) },
  mod: { arity: 2, compute: (a, b) => a - Math.floor(a / b) * b },
  max: { arity: 2, compute: Math.max },
  min: { arity: 2, compute: Math.min },
  floor: { arity: 1, compute: Math.floor },
  ceil: { arity: 1, compute: Math.ceil },
  round: { arity: 1, compute: Math.round },
};

/** Computes sizes of attributes from the shapes of an operation's arguments. */
export class SizeReader {
  readonly #checks: OptionChecks;
  readonly #shapes: readonly FullShape[];

  constructor(checks: OptionChecks, shapes: readonly FullShape[]) {
    this.#checks = checks;
    this.#shapes = shapes;
  }

  /** Returns a whole number, or the batch. Throws INVALID_ARGUMENT for what is no size. */
  read(name: string, value: unknown): Size {
    const size = this.#evaluate(name, value, MAX_DEPTH);
    if (size === BATCH || Number.isSafeInteger(size)) return size;
    return this.#checks.fail('SHAPE_MISMATCH', `${name} comes to ${size}; it must be a whole number.`);
  }

  #evaluate(name: string, value: unknown, levels: number): Size {
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    const entries = isPlainObject(value) && levels > 0 ? Object.entries(value) : [];
    const [[key, operands] = ['', undefined]] = entries;
    if (entries.length !== 1 || !Array.isArray(operands)) return this.#fail(name, value);
    if (key === 'size') return this.#sizeOf(name, value, operands);
    if (!Object.hasOwn(FUNCTIONS, key)) return this.#fail(name, value);
    const { arity, compute } = FUNCTIONS[key as SizeFunction];
    if (operands.length !== arity) return this.#fail(name, value);
    const [a, b = 0] = operands.map((operand) => this.#evaluate(name, operand, levels - 1));
    if (a === BATCH || b === BATCH) {
      return this.#checks.fail(
        'UNSUPPORTED',
        `${name} is computed from the size of the batch; the batch can't be cut, joined or repeated.`,
      );
    }
    return compute(a, b);
  }

  #sizeOf(name: string, value: unknown, [input, axis]: readonly unknown[]): Size {
    const shape = this.#shapes[input as number];
    const size = shape?.[(axis as number) < 0 ? (axis as number) + shape.length : (axis as number)];
    return size ?? this.#fail(name, value);
  }

  #fail(name: string, value: unknown): never {
    return this.#checks.fail(
      'INVALID_ARGUMENT',
      `${name} has ${show(value)}; a size is a number, { size: [input, axis] }, or { add: [a, b] } and the like of sizes.`,
    );
  }
}

/** "[batch, 2, 3]". */
export function showFull(shape: FullShape): string {
  return `[${shape.map((size) => (size === BATCH ? 'batch' : size)).join(', ')}]`;
}

/** A value's shape with the batch in front. */
export function withBatch(shape: Shape): FullShape {
  return [BATCH, ...shape];
}
