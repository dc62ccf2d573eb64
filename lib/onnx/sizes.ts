import type { SymbolicTensor } from '../layers/symbolic-tensor.js';

/** What is computed of sizes. 'div' rounds down. */
export type SizeOperation = 'add' | 'sub' | 'mul' | 'div' | 'max' | 'min';

/** A size that is known only when the model runs. Equal keys mean equal sizes. */
export type SizeExpression = { readonly key: string } & (
  | { readonly kind: 'batch' }
  /** No size, but the index of the sample that is computed. A constant that has it holds for one sample. */
  | { readonly kind: 'sample' }
  /** The size of a sample's axis. */
  | { readonly kind: 'size'; readonly tensor: SymbolicTensor; readonly axis: number }
  | { readonly kind: SizeOperation; readonly left: Size; readonly right: Size }
);

/** A size that is known, or an expression. */
export type Size = number | SizeExpression;

/** The number of samples, which is the size of axis 0 of all values. */
export const BATCH: SizeExpression = { kind: 'batch', key: 'batch' };

/** The index of a sample in the batch. */
export const SAMPLE: SizeExpression = { kind: 'sample', key: 'sample' };

/** Which of a sample's `count` elements an index into all samples' elements is, if it is one of each sample's own. */
export function indexInSample(index: Size, count: number): number | undefined {
  const isShifted = isExpression(index) && index.kind === 'add' && !isExpression(index.right);
  const [base, shift] = isShifted ? [index.left, index.right as number] : [index, 0];
  if (!sameSize(base, computeSize('mul', SAMPLE, count))) return undefined;
  return shift >= 0 && shift < count ? shift : undefined;
}

const ids = new WeakMap<SymbolicTensor, number>();
let count = 0;

/** The size of an axis of a value's samples. */
export function sizeOfAxis(tensor: SymbolicTensor, axis: number): Size {
  const known = tensor.sampleShape[axis];
  if (known !== null) return known;
  if (!ids.has(tensor)) ids.set(tensor, ++count);
  return { kind: 'size', tensor, axis, key: `${ids.get(tensor)}.${axis}` };
}

export function isExpression(size: unknown): size is SizeExpression {
  return typeof size === 'object';
}

export function sameSize(a: Size, b: Size): boolean {
  return keyOf(a) === keyOf(b);
}

export function keyOf(size: Size): string {
  return isExpression(size) ? size.key : String(size);
}

const NUMBERS: Readonly<Record<SizeOperation, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => Math.floor(a / b),
  max: Math.max,
  min: Math.min,
};

/** Computes a size, or an expression for it in its simplest form. */
export function computeSize(kind: SizeOperation, left: Size, right: Size): Size {
  if (!isExpression(left) && !isExpression(right)) return NUMBERS[kind](left, right);
  if (kind === 'sub' && !isExpression(right)) return computeSize('add', left, -right);
  if ((kind === 'add' || kind === 'mul') && !isExpression(left)) return computeSize(kind, right, left);
  return simplified(kind, left, right) ?? made(kind, left, right);
}

function made(kind: SizeOperation, left: Size, right: Size): SizeExpression {
  return { kind, left, right, key: `${kind}(${keyOf(left)},${keyOf(right)})` };
}

function simplified(kind: SizeOperation, left: Size, right: Size): Size | undefined {
  if (right === (kind === 'add' ? 0 : 1) && ['add', 'mul', 'div'].includes(kind)) return left;
  if (kind === 'mul' && right === 0) return 0;
  if (sameSize(left, right)) {
    if (kind === 'sub') return 0;
    if (kind === 'div') return 1;
    if (kind === 'max' || kind === 'min') return left;
  }
  if (!isExpression(left) || !('left' in left)) return undefined;
  return nested(kind, left.kind, left.left, left.right, right);
}

/** (a `inner` b) `kind` c, if that is simpler. */
function nested(kind: SizeOperation, inner: SizeOperation, a: Size, b: Size, c: Size): Size | undefined {
  if (kind === 'sub' && inner === 'add') {
    if (sameSize(b, c)) return a;
    if (sameSize(a, c)) return b;
  }
  if (kind === 'add' && inner === 'sub' && sameSize(b, c)) return a;
  if (kind === 'div' && inner === 'mul') {
    if (sameSize(b, c)) return a;
    if (sameSize(a, c)) return b;
  }
  if (isExpression(b) || isExpression(c)) return undefined;
  if (kind === inner && (kind === 'add' || kind === 'mul')) return computeSize(kind, a, NUMBERS[kind](b, c));
  if (kind === 'div' && inner === 'mul' && b % c === 0) return computeSize('mul', a, b / c);
  return undefined;
}
