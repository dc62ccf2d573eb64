import { numberOf } from '../constants.js';
import { ZeroPadding2D } from '../../layers/reshaping/zero-padding2d.js';
import { cannot, invalid, readAxis, type Use } from '../context.js';
import { pickAlong } from '../along-axis.js';
import { computeSize, isExpression, type Size } from '../sizes.js';
import { type Computed, computed, identityOrder } from '../values.js';
import type { Pads } from '../windows.js';

/** Pad: at both ends of axes, or cropped where a number is negative. */
export function pad(use: Use): Computed {
  const { node } = use;
  const x = use.computed(0);
  const rank = x.dims.length;
  const listed = readPads(use, rank);
  const pads = x.order.map((axis) => listed[axis]);
  if (pads[0].some((each) => each !== 0)) return cannot('it pads axis 0, the batch');
  const dims = x.dims.map((size, axis) => computeSize('add', size, listed[axis][0] + listed[axis][1]));
  const mode = node.string('mode', 'constant');
  if (mode === 'constant') return padConstant(use, x, pads, dims);
  if (!['reflect', 'edge', 'wrap'].includes(mode)) return invalid(`its mode is ${mode}`);
  if (pads.every((pair, p) => pair.every((each) => each >= 0 && isWithin(each, x.dims[x.order[p]])))) {
    const tensor = use.context.operation('mirrorPad', [x.tensor], { paddings: pads, mode }, node.name)[0];
    return computed(tensor, x.order, dims);
  }
  let { tensor } = x;
  for (const [p, [before, after]] of pads.entries()) {
    if (before === 0 && after === 0) continue;
    const size = x.dims[x.order[p]];
    if (isExpression(size)) return cannot(`it pads by ${mode} a size that the file's inputs leave open`);
    const indices = Array.from({ length: size + before + after }, (_, i) =>
      positionOf(mode, i - before, size),
    );
    tensor = pickAlong(use.context, tensor, p, indices, node.name);
  }
  return computed(tensor, x.order, dims);
}

function readPads(use: Use, rank: number): Pads[] {
  const given = use.numbers(1, 'pads') ?? use.node.ints('paddings') ?? invalid('its pads are missing');
  const chosen = use.optionalConstant(3, 'axes');
  const axes = chosen
    ? Array.from(chosen.elements, (axis) => readAxis(numberOf(axis), rank))
    : identityOrder(rank);
  if (given.length !== 2 * axes.length)
    return invalid(`its pads are [${given.join(', ')}]; there must be ${2 * axes.length}`);
  const pads = identityOrder(rank).map((): Pads => [0, 0]);
  for (const [i, axis] of axes.entries()) pads[axis] = [given[i], given[i + axes.length]];
  return pads;
}

function padConstant(use: Use, x: Computed, paddings: readonly Pads[], dims: readonly Size[]): Computed {
  const { context, node } = use;
  const value = use.optionalConstant(2, 'value');
  const constantValue = value ? numberOf(value.elements[0]) : node.float('value', 0);
  const isImage = x.order.length === 4 && constantValue === 0 && paddings[3].every((each) => each === 0);
  if (isImage && paddings.flat().every((each) => each >= 0)) {
    const padding = [paddings[1], paddings[2]] as const;
    const padded = context.apply((name) => new ZeroPadding2D({ name, padding }), node.name, x.tensor);
    return computed(padded, x.order, dims);
  }
  const cropped = paddings.some((pair) => pair.some((each) => each < 0)) ? crop(use, x, paddings) : x.tensor;
  const added = paddings.map((pair) => pair.map((each) => Math.max(each, 0)));
  const padded = context.operation('pad', [cropped], { paddings: added, constantValue }, node.name)[0];
  return computed(padded, x.order, dims);
}

function crop({ context, node }: Use, x: Computed, paddings: readonly Pads[]): Computed['tensor'] {
  const begin = paddings.map(([before]) => Math.max(-before, 0));
  const size = paddings.map(([before, after], p): Size => {
    const cut = Math.max(-before, 0) + Math.max(-after, 0);
    return cut === 0 ? -1 : computeSize('sub', x.dims[x.order[p]], cut);
  });
  return context.operation('slice', [x.tensor], { begin, size }, `${node.name}/crop`)[0];
}

/** Whether an axis has as many elements beside its first. */
function isWithin(count: number, size: Size): boolean {
  return isExpression(size) || count < size;
}

/** Where an element beyond the ends is taken from. */
function positionOf(mode: string, index: number, size: number): number {
  if (mode === 'edge') return Math.min(Math.max(index, 0), size - 1);
  if (mode === 'wrap') return ((index % size) + size) % size;
  const period = Math.max(2 * (size - 1), 1);
  const at = ((index % period) + period) % period;
  return at < size ? at : period - at;
}
