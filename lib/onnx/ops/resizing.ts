import type { SymbolicTensor } from '../../layers/symbolic-tensor.js';
import { Resizing } from '../../layers/preprocessing/resizing.js';
import { UpSampling2D } from '../../layers/reshaping/upsampling2d.js';
import { mixAxis } from '../along-axis.js';
import { type Constant, constant, numberOf } from '../constants.js';
import { cannot, invalid, readAxis, type Use } from '../context.js';
import { checkFolded } from '../fold.js';
import { isOutside, type ResizeAxis, resizeTaps, type ResizeOptions } from '../resize-taps.js';
import { isExpression, type Size } from '../sizes.js';
import { channelsLast, type Computed, computed, identityOrder } from '../values.js';

/** What an axis becomes: a size, or its own times a factor. */
interface Target {
  scale?: number;
  size?: Size;
}

/** Resize since opset 10, Upsample before. */
export function resize(use: Use): Computed {
  const { node, context } = use;
  const x = use.computed(0);
  const isNew = node.op === 'Resize' && context.opset >= 11;
  const options: ResizeOptions = {
    mode: node.string('mode', 'nearest'),
    coordinates: isNew ? node.string('coordinate_transformation_mode', 'half_pixel') : 'asymmetric',
    nearest: isNew ? node.string('nearest_mode', 'round_prefer_floor') : 'floor',
    cubic: node.float('cubic_coeff_a', -0.75),
    excludesOutside: node.int('exclude_outside', 0) !== 0,
    antialias: node.int('antialias', 0) !== 0,
    extrapolated: node.float('extrapolation_value', 0),
  };
  const targets = readTargets(use, x, isNew);
  if (!isOne(targets[0], x.dims[0])) return cannot('it resizes axis 0, the batch');
  return (
    nearestByFactors(use, x, targets, options) ??
    linearOfOpenSizes(use, x, targets, options) ??
    resizeByAxis(use, x, targets, options)
  );
}

function isOne({ scale, size }: Target, own: Size): boolean {
  if (size !== undefined) return size === own || (typeof size === 'number' && isExpression(own));
  return scale === 1 || scale === undefined;
}

function readTargets(
  use: Use,
  { dims }: Computed,
  isNew: boolean,
): (Target & { roi?: readonly [number, number] })[] {
  const { node } = use;
  const rank = dims.length;
  const axes = node.ints('axes')?.map((axis) => readAxis(axis, rank)) ?? identityOrder(rank);
  const scales = isNew
    ? filled(use.optionalConstant(2, 'scales'))
    : filled(use.optionalConstant(1, 'scales'));
  const list = scales ?? node.floats('scales');
  const sizes = isNew ? filled(use.optionalConstant(3, 'sizes')) : undefined;
  const given = sizes ?? list ?? old(use) ?? invalid('its scales are missing');
  if (given.length !== axes.length)
    return invalid(`it has ${given.length} scales or sizes for ${axes.length} axes`);
  const roi = filled(isNew ? use.optionalConstant(1, 'roi') : undefined);
  const targets = dims.map((): Target & { roi?: readonly [number, number] } => ({}));
  for (const [i, axis] of axes.entries()) {
    targets[axis] = sizes ? { size: given[i] } : { scale: numberOf(given[i]) };
    if (roi?.length === 2 * axes.length)
      targets[axis].roi = [numberOf(roi[i]), numberOf(roi[i + axes.length])];
  }
  return keepAspect(use, dims, targets, axes);
}

/** Upsample of opset 1. */
function old({ node }: Use): number[] | undefined {
  const [height, width] = [node.float('height_scale'), node.float('width_scale')];
  return height === undefined || width === undefined ? undefined : [1, 1, height, width];
}

function filled(from: Constant | undefined): Size[] | undefined {
  const list = from && Array.from(from.elements);
  return list && list.length > 0 ? list : undefined;
}

/** One factor for all axes, that of the tightest or the widest size. */
function keepAspect<T extends Target>(
  { node }: Use,
  dims: readonly Size[],
  targets: T[],
  axes: readonly number[],
): T[] {
  const policy = node.string('keep_aspect_ratio_policy', 'stretch');
  if (policy === 'stretch' || targets.every(({ size }) => size === undefined)) return targets;
  const factors = axes.map((axis) => numberOf(targets[axis].size ?? 0) / numberOf(dims[axis]));
  const factor = policy === 'not_larger' ? Math.min(...factors) : Math.max(...factors);
  for (const axis of axes)
    targets[axis] = { ...targets[axis], scale: factor, size: Math.round(factor * numberOf(dims[axis])) };
  return targets;
}

/** Whole factors repeat pixels, whatever the sizes are. */
function nearestByFactors(
  use: Use,
  x: Computed,
  targets: readonly Target[],
  { mode, coordinates, nearest }: ResizeOptions,
): Computed | undefined {
  const { context, node } = use;
  if (x.order.length !== 4 || mode !== 'nearest') return undefined;
  const order = channelsLast(4);
  const scales = order.map((axis) =>
    targets[axis].size === undefined ? (targets[axis].scale ?? 1) : Number.NaN,
  );
  const [, height, width, depth] = scales;
  const isRepeat =
    (coordinates === 'asymmetric' && nearest === 'floor') ||
    (coordinates === 'half_pixel' && nearest.startsWith('round'));
  const isWhole = [height, width].every((scale) => Number.isInteger(scale) && scale >= 1);
  if (!isRepeat || !isWhole || depth !== 1) return undefined;
  const make = (name: string) => new UpSampling2D({ name, size: [height, width] });
  return computed(context.apply(make, node.name, context.ordered(x, order)), order);
}

/** Layers interpolate images of any size: by whole factors, or to a size. */
function linearOfOpenSizes(
  { context, node }: Use,
  x: Computed,
  targets: readonly Target[],
  { mode, coordinates, antialias }: ResizeOptions,
): Computed | undefined {
  const order = channelsLast(4);
  const [, rows, columns, depth] = order;
  const isOpen = [rows, columns].some((axis) => isExpression(x.dims[axis]));
  const isCentered = coordinates === 'half_pixel' || coordinates === 'pytorch_half_pixel';
  if (x.order.length !== 4 || mode !== 'linear' || antialias || !isCentered || !isOpen) return undefined;
  if (!isOne(targets[depth], x.dims[depth])) return undefined;
  const sides = [targets[rows], targets[columns]];
  const sizes = sides.map(({ size }) => size);
  const factors = sides.map(({ size, scale = 1 }) => (size === undefined ? scale : Number.NaN));
  const interpolation = 'bilinear';
  if (factors.every((factor) => Number.isInteger(factor) && factor >= 1)) {
    const size = factors as [number, number];
    const make = (name: string) => new UpSampling2D({ name, size, interpolation });
    return computed(context.apply(make, node.name, context.ordered(x, order)), order);
  }
  const [height, width] = sizes;
  // A single pixel is the middle of the image there, and the first of it in PyTorch.
  const isSmall = coordinates !== 'half_pixel' && (height === 1 || width === 1);
  if (typeof height !== 'number' || typeof width !== 'number' || isSmall) return undefined;
  const make = (name: string) => new Resizing({ name, height, width, interpolation });
  return computed(context.apply(make, node.name, context.ordered(x, order)), order);
}

function resizeByAxis(
  use: Use,
  x: Computed,
  targets: readonly (Target & { roi?: readonly [number, number] })[],
  options: ResizeOptions,
): Computed {
  const { context, node } = use;
  let { tensor } = x;
  const outside = targets.map((): boolean[] => [false]);
  for (const axis of targets.keys()) {
    const { scale, size, roi } = targets[axis];
    if (axis === 0 || (scale === undefined && size === undefined)) continue;
    const input = x.dims[axis];
    if (isExpression(input) || isExpression(size ?? 0)) {
      if (scale === 1) continue;
      return cannot("it resizes sizes that the file's inputs leave open");
    }
    const output = (size as number | undefined) ?? Math.floor(input * (scale ?? 1));
    const along: ResizeAxis = { input, output, scale: scale ?? output / input, ...(roi && { roi }) };
    tensor = mixAxis(context, tensor, x.order.indexOf(axis), resizeTaps(along, options), node.name);
    outside[axis] = Array.from({ length: output }, (_, o) => isOutside(along, options, o));
  }
  return computed(
    extrapolated(
      use,
      tensor,
      x.order.map((axis) => outside[axis]),
      options,
    ),
    x.order,
  );
}

/** Adds the extrapolation value where an output lies outside along any axis, and is 0. */
function extrapolated(
  { context, node }: Use,
  tensor: SymbolicTensor,
  outside: readonly (readonly boolean[])[],
  options: ResizeOptions,
): SymbolicTensor {
  if (options.extrapolated === 0 || outside.every((axis) => !axis.includes(true))) return tensor;
  const shape = outside.map(({ length }) => length);
  checkFolded(shape);
  const flags = outside.reduce<readonly boolean[]>(
    (all, axis) => all.flatMap((before) => axis.map((isOut) => before || isOut)),
    [false],
  );
  const values = constant(
    'float',
    shape,
    Float32Array.from(flags, (isOut) => (isOut ? options.extrapolated : 0)),
  );
  return context.operation('add', [tensor, values], {}, `${node.name}/extrapolation`)[0];
}
