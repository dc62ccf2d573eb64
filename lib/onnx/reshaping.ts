import { Reshape } from '../layers/reshaping/reshape.js';
import type { SymbolicTensor } from '../layers/symbolic-tensor.js';
import { cannot, invalid, type Context } from './context.js';
import { BATCH, computeSize, isExpression, sameSize, type Size } from './sizes.js';
import { type Computed, computed, type Flattened, identityOrder } from './values.js';

/** Axes of an input that become axes of the output: together they have as many elements. */
interface Group {
  from: number[];
  to: number[];
}

/** Reshapes a value to these sizes, of which the first is the batch's. No -1 may be left. */
export function reshape(
  context: Context,
  x: Computed,
  dims: readonly Size[],
  name: string,
): Computed | Flattened {
  if (x.dims.length === 1 || dims.length === 1) {
    const tensor = reshapeTensor(context, context.plain(x), dims.slice(1), name);
    return computed(tensor, identityOrder(dims.length), dims);
  }
  const groups = groupsOf(x.dims, dims);
  const position = ({ from }: Group) => Math.min(...from.map((axis) => x.order.indexOf(axis)));
  const sorted = [...groups].sort((a, b) => position(a) - position(b));
  const wanted = [0, ...sorted.flatMap(({ from }) => from)];
  const order = [0, ...sorted.flatMap(({ to }) => to)];
  const isFree = movesOnesAlone(x, wanted);
  if (!isFree && dims.length === 2) return { kind: 'flattened', from: x, dims };
  const tensor = isFree ? x.tensor : context.ordered(x, wanted, `${name}/transpose`);
  return computed(
    reshapeTensor(
      context,
      tensor,
      order.slice(1).map((axis) => dims[axis]),
      name,
    ),
    order,
    dims,
  );
}

/** Whether the axes lie in this order but for some of size 1. */
function movesOnesAlone({ order, dims }: Computed, wanted: readonly number[]): boolean {
  const wide = (axes: readonly number[]) => axes.filter((axis) => dims[axis] !== 1);
  return wide(order).join() === wide(wanted).join();
}

/** Reshapes the samples of a tensor. */
export function reshapeTensor(
  context: Context,
  tensor: SymbolicTensor,
  sizes: readonly Size[],
  name: string,
): SymbolicTensor {
  const { sampleShape } = tensor;
  if (sizes.length === sampleShape.length && sizes.every((size, axis) => size === sampleShape[axis]))
    return tensor;
  const open = sizes.filter(isExpression).length;
  if (open > 1) return context.operation('reshape', [tensor], { shape: [BATCH, ...sizes] }, name)[0];
  const targetShape = sizes.map((size) => (isExpression(size) ? null : size));
  return context.apply((own) => new Reshape({ name: own, targetShape }), name, tensor);
}

function groupsOf(from: readonly Size[], to: readonly Size[]): Group[] {
  const groups: Group[] = [];
  let [i, j] = [1, 1];
  while (i < from.length && j < to.length) {
    const group: Group = { from: [i], to: [j] };
    let [left, right] = [from[i++], to[j++]];
    while (!sameSize(left, right)) {
      const takesLeft = !isExpression(left) && !isExpression(right) ? left < right : isExpression(right);
      if (takesLeft ? i === from.length : j === to.length) {
        if (i === from.length && j === to.length) break;
        while (i < from.length) group.from.push(i++);
        while (j < to.length) group.to.push(j++);
        break;
      }
      if (takesLeft) {
        left = computeSize('mul', left, from[i]);
        group.from.push(i++);
      } else {
        right = computeSize('mul', right, to[j]);
        group.to.push(j++);
      }
    }
    groups.push(group);
  }
  const last = groups[groups.length - 1];
  while (i < from.length) last.from.push(i++);
  while (j < to.length) last.to.push(j++);
  return groups;
}

/** The product of sizes; undefined if one isn't known. */
function product(sizes: readonly Size[]): Size {
  return sizes.reduce((all, size) => computeSize('mul', all, size), 1);
}

/** The sizes that a Reshape asks for: -1 stands for what is left. */
export function resolvedSizes(
  context: Context,
  x: Computed,
  wanted: readonly Size[],
  zeroIsSize: boolean,
): Size[] {
  const sizes = wanted.map((size, axis) => {
    if (size !== 0 || zeroIsSize) return size;
    return x.dims[axis] ?? invalid(`its shape copies axis ${axis}, which its input lacks`);
  });
  const [first, ...rest] = sizes;
  if (first === undefined) return cannot('it makes a scalar of all samples');
  const all = product(x.dims.slice(1));
  const open = rest.indexOf(-1);
  if (open >= 0) {
    const size = divided(all, product(rest.toSpliced(open, 1)));
    if (size === undefined)
      return cannot(`it reshapes [${x.dims.map(shown).join(', ')}] to [${wanted.map(shown).join(', ')}]`);
    rest[open] = size;
  }
  const fits = isBatch(context, first, open < 0) && sameSize(product(rest), all);
  // Sizes that aren't known are checked when the model runs.
  const isOpen = isExpression(all) || isExpression(product(rest));
  if (rest.length > 0 && (fits || (isOpen && isBatch(context, first, open < 0)))) return [x.dims[0], ...rest];
  return cannot(
    `it reshapes [${x.dims.map(shown).join(', ')}] to [${wanted.map(shown).join(', ')}], which takes several samples together or apart; axis 0 must stay the batch`,
  );
}

function divided(all: Size, known: Size): Size | undefined {
  if (!isExpression(all) && !isExpression(known)) return all % known === 0 ? all / known : undefined;
  return computeSize('div', all, known);
}

function isBatch(context: Context, size: Size, mayBeOpen: boolean): boolean {
  if (isExpression(size)) return size.kind === 'batch';
  return size === context.fixedBatch || (size === -1 && mayBeOpen);
}

export function shown(size: Size): string {
  if (!isExpression(size)) return String(size);
  return size.kind === 'batch' ? 'batch' : '?';
}

/** Without some axes, or with more, all of size 1. */
export function withDims(context: Context, x: Computed, dims: readonly Size[], name: string): Computed {
  return context.unflattened(reshape(context, x, dims, name));
}
