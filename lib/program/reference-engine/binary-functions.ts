import type { BinaryKind } from '../contracts/binary.js';

/** A function of two numbers and its derivatives by each. */
export interface BinaryFunction {
  f(a: number, b: number): number;
  byA(a: number, b: number): number;
  byB(a: number, b: number): number;
}

/** A function that is constant between its jumps. */
function steps(f: (a: number, b: number) => number): BinaryFunction {
  return { f, byA: () => 0, byB: () => 0 };
}

const test = (holds: (a: number, b: number) => boolean) => steps((a, b) => (holds(a, b) ? 1 : 0));

/** The remainder with the sign of b. */
function modulo(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

/** Rounded to float32 first: engines must agree about the quotients that round to whole numbers. */
const floorDivide = (a: number, b: number) => Math.floor(Math.fround(a / b));

/** `isFirst` tells whether `a` is chosen. A NaN is chosen, the first of two. */
function chosen(f: (a: number, b: number) => number, isFirst: (a: number, b: number) => boolean) {
  const takesA = (a: number, b: number) => Number.isNaN(a) || (!Number.isNaN(b) && isFirst(a, b));
  return { f, byA: (a: number, b: number) => +takesA(a, b), byB: (a: number, b: number) => +!takesA(a, b) };
}

export const BINARY_FUNCTIONS: Record<BinaryKind, BinaryFunction> = {
  add: { f: (a, b) => a + b, byA: () => 1, byB: () => 1 },
  subtract: { f: (a, b) => a - b, byA: () => 1, byB: () => -1 },
  multiply: { f: (a, b) => a * b, byA: (_, b) => b, byB: (a) => a },
  divide: { f: (a, b) => a / b, byA: (_, b) => 1 / b, byB: (a, b) => -a / b / b },
  power: {
    f: (a, b) => a ** b,
    byA: (a, b) => (b === 0 ? 0 : b * a ** (b - 1)),
    byB: (a, b) => (a > 0 ? a ** b * Math.log(a) : 0),
  },
  maximum: chosen(Math.max, (a, b) => a >= b),
  minimum: chosen(Math.min, (a, b) => a <= b),
  squaredDifference: {
    f: (a, b) => (a - b) * (a - b),
    byA: (a, b) => 2 * (a - b),
    byB: (a, b) => -2 * (a - b),
  },
  modulo: { f: modulo, byA: () => 1, byB: (a, b) => -floorDivide(a, b) },
  floorDivide: steps(floorDivide),
  less: test((a, b) => a < b),
  lessEqual: test((a, b) => a <= b),
  greater: test((a, b) => a > b),
  greaterEqual: test((a, b) => a >= b),
  equal: test((a, b) => a === b),
  notEqual: test((a, b) => a !== b),
  logicalAnd: test((a, b) => a !== 0 && b !== 0),
  logicalOr: test((a, b) => a !== 0 || b !== 0),
  logicalXor: test((a, b) => (a !== 0) !== (b !== 0)),
};

export const BINARY_KINDS: readonly string[] = Object.keys(BINARY_FUNCTIONS);
