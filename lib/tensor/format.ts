import type { Tensor } from './tensor.js';

/** An axis longer than this shows only its ends. */
const MAX_SHOWN = 20;
/** How many elements at each end. */
const END = 3;
/** Significant digits of a float. */
const DIGITS = 7;

/** "Tensor", then the values, indented by four. */
export function formatTensor(tensor: Tensor, verbose: boolean): string {
  const lines = formatAxis(tensor, 0, 0, columnWidths(tensor)).map((line) => line && `    ${line}`);
  if (!verbose) return ['Tensor', ...lines].join('\n');
  const facts = [
    `  dtype: ${tensor.dtype}`,
    `  rank: ${tensor.rank}`,
    `  shape: [${tensor.shape}]`,
    '  values:',
  ];
  return ['Tensor', ...facts, ...lines].join('\n');
}

/** The indexes of an axis that are shown; -1 stands for those left out. */
function shownIndexes(size: number): number[] {
  const all = Array.from({ length: size }, (_, index) => index);
  return size > MAX_SHOWN ? [...all.slice(0, END), -1, ...all.slice(-END)] : all;
}

function formatValue(tensor: Tensor, index: number): string {
  const value = tensor.dataSync()[index];
  if (tensor.dtype === 'bool') return value === 0 ? 'false' : 'true';
  return String(Number.parseFloat(value.toPrecision(DIGITS)));
}

/** Width per column of the last axis, over all rows that are shown. */
function columnWidths(tensor: Tensor): number[] {
  const columns = tensor.rank === 0 ? 1 : tensor.shape[tensor.rank - 1];
  const widths: number[] = new Array(columns).fill(0);
  const visit = (axis: number, offset: number): void => {
    for (const index of shownIndexes(tensor.shape[axis] ?? 1)) {
      if (index < 0) continue;
      const at = offset * (tensor.shape[axis] ?? 1) + index;
      if (axis < tensor.rank - 1) visit(axis + 1, at);
      else widths[index] = Math.max(widths[index], formatValue(tensor, at).length);
    }
  };
  visit(0, 0);
  return widths;
}

/** Lines of the part of a tensor that lies at `offset` (in units of this axis's whole length). */
function formatAxis(tensor: Tensor, axis: number, offset: number, widths: readonly number[]): string[] {
  if (tensor.rank === 0) return [formatValue(tensor, 0)];
  const size = tensor.shape[axis];
  const parts = shownIndexes(size).map((index) => {
    if (index < 0) return ['...'];
    const at = offset * size + index;
    if (axis < tensor.rank - 1) return formatAxis(tensor, axis + 1, at, widths);
    return [formatValue(tensor, at).padEnd(widths[index])];
  });
  if (axis === tensor.rank - 1) return [`[${parts.map(([text]) => text).join(', ')}]`];
  return nest(parts, tensor.rank - axis);
}

/** Brackets around blocks of lines, with an empty line more between blocks per rank beyond 2. */
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
