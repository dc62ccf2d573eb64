import { classNameOf, join, type Look } from '../inspect.js';
import type { DataType, TypedArray } from './dtype.js';
import type { Shape } from './shapes.js';

/** The parts of a tensor that are printed. */
interface Shown {
  readonly shape: Shape;
  readonly dtype: DataType;
  readonly size: number;
  readonly rank: number;
  dataSync(): TypedArray;
}

/** The elements to print: of an axis longer than `longest`, the first and last `ends`. */
interface Excerpt {
  longest: number;
  ends: number;
}

const PRINTED: Excerpt = { longest: 20, ends: 3 };
/** From the largest excerpt to the smallest. */
const EXCERPTS: readonly Excerpt[] = [
  PRINTED,
  { longest: 6, ends: 3 },
  { longest: 4, ends: 2 },
  { longest: 3, ends: 1 },
];
/** The most values and rows that formatValues prints. */
const MOST_VALUES = 1000;
const MOST_ROWS = 64;
/** The significant digits of a float. */
const DIGITS = 7;

/** Colours a value's text. */
type Paint = (text: string) => string;

/** "Tensor" and its values, indented by four spaces. */
export function formatTensor(tensor: Shown, verbose: boolean): string {
  const lines = formatAll(tensor, PRINTED, (text) => text).map((line) => line && `    ${line}`);
  if (!verbose) return ['Tensor', ...lines].join('\n');
  const facts = [
    `  dtype: ${tensor.dtype}`,
    `  rank: ${tensor.rank}`,
    `  shape: [${tensor.shape}]`,
    '  values:',
  ];
  return ['Tensor', ...facts, ...lines].join('\n');
}

/** Lines of values, few enough to read. `paint` colours each value. */
function formatValues(tensor: Shown, paint: Paint): string[] {
  const excerpt = EXCERPTS.find((each) => {
    const shown = tensor.shape.map((size) => (size > each.longest ? 2 * each.ends : size));
    const rows = shown.slice(0, -1).reduce((product, count) => product * count, 1);
    return rows <= MOST_ROWS && rows * (shown[shown.length - 1] ?? 1) <= MOST_VALUES;
  });
  return excerpt ? formatAll(tensor, excerpt, paint) : ['[...]'];
}

function formatAll(tensor: Shown, excerpt: Excerpt, paint: Paint): string[] {
  return formatAxis(tensor, 0, 0, { excerpt, paint, widths: columnWidths(tensor, excerpt) });
}

/** The indices of an axis to print. -1 stands for those left out. */
function shownIndexes(size: number, { longest, ends }: Excerpt): number[] {
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  return size > longest ? [...range(0, ends), -1, ...range(size - ends, size)] : range(0, size);
}

function formatValue(tensor: Shown, index: number): string {
  const value = tensor.dataSync()[index];
  if (tensor.dtype === 'bool') return value === 0 ? 'false' : 'true';
  return String(Number.parseFloat(value.toPrecision(DIGITS)));
}

/** The width of each column of the last axis, over all printed rows. */
function columnWidths(tensor: Shown, excerpt: Excerpt): ReadonlyMap<number, number> {
  const widths = new Map<number, number>();
  const visit = (axis: number, offset: number): void => {
    for (const index of shownIndexes(tensor.shape[axis] ?? 1, excerpt)) {
      if (index < 0) continue;
      const at = offset * (tensor.shape[axis] ?? 1) + index;
      if (axis < tensor.rank - 1) visit(axis + 1, at);
      else widths.set(index, Math.max(widths.get(index) ?? 0, formatValue(tensor, at).length));
    }
  };
  visit(0, 0);
  return widths;
}

interface Format {
  excerpt: Excerpt;
  paint: Paint;
  widths: ReadonlyMap<number, number>;
}

/** The lines of the part of a tensor at `offset`, in units of this axis's whole length. */
function formatAxis(tensor: Shown, axis: number, offset: number, format: Format): string[] {
  const { excerpt, paint, widths } = format;
  if (tensor.rank === 0) return [paint(formatValue(tensor, 0))];
  const size = tensor.shape[axis];
  const parts = shownIndexes(size, excerpt).map((index) => {
    if (index < 0) return ['...'];
    const at = offset * size + index;
    if (axis < tensor.rank - 1) return formatAxis(tensor, axis + 1, at, format);
    const text = formatValue(tensor, at);
    return [paint(text) + ' '.repeat((widths.get(index) as number) - text.length)];
  });
  if (axis === tensor.rank - 1) return [`[${parts.map(([text]) => text).join(', ')}]`];
  return nest(parts, tensor.rank - axis);
}

/** Puts blocks of lines in brackets. Each rank above 2 adds an empty line between blocks. */
function nest(parts: readonly string[][], rank: number): string[] {
  const lines = parts.flatMap((part, i) => {
    const isLast = i === parts.length - 1;
    const block = part.map((line, j) => (j === part.length - 1 && !isLast ? `${line},` : line));
    const gap = isLast ? 0 : rank - 2;
    return [...block, ...new Array<string>(gap).fill('')];
  });
  if (lines.length === 0) return ['[]'];
  const open = lines.map((line, i) => (i === 0 ? `[${line}` : line && ` ${line}`));
  return [...open.slice(0, -1), `${open[open.length - 1]}]`];
}

/**
 * The most values to print of a tensor in an object or a list. Such a tensor must also have at most one axis.
 */
const MOST_NESTED = 8;

/**
 * `Tensor [2, 3] float32` and its values: on the same line for at most one axis, else on lines below.
 * `values` is what the tensor keeps. Never waits for values that aren't computed yet.
 */
export function inspectTensor(
  tensor: Shown,
  values: TypedArray | (() => TypedArray) | undefined,
  look: Look,
): string {
  const head = `${classNameOf(tensor)} [${tensor.shape.map((size) => look.value(size)).join(', ')}] ${tensor.dtype}`;
  const missing = whyMissing(tensor, values);
  if (missing) return join(head, look.style(missing, 'special'));
  if (look.isNested && (tensor.rank > 1 || tensor.size > MOST_NESTED)) return head;
  const kind = tensor.dtype === 'bool' ? 'boolean' : 'number';
  const lines = formatValues(tensor, (text) => look.style(text, kind));
  return [head, ...lines].join(tensor.rank > 1 ? '\n' : ' ');
}

function whyMissing(tensor: Shown, values: TypedArray | (() => TypedArray) | undefined): string {
  if (values === undefined) return '(disposed)';
  if (typeof values === 'function') return '(not computed yet)';
  return values.length === tensor.size ? '' : '(its memory was transferred)';
}
