import { type Constant, reshaped, numberOf } from '../constants.js';
import { cannot, readAxis, type Use } from '../context.js';
import { expanded, gathered, mapped } from '../fold.js';
import { rangeOf } from '../tensors.js';
import { type Computed, computed, type Value } from '../values.js';
import { clipped } from './activations.js';
import { physicalConstant } from './arithmetic.js';

/** Scales and zero points that broadcast to a tensor. */
interface Scales {
  scale: Constant;
  zero?: Constant;
}

function readScales(use: Use, shape: readonly (number | undefined)[]): Scales {
  const { node } = use;
  const scale = use.constant(1, 'scale');
  const zero = use.optionalConstant(2, 'zero point');
  const rank = shape.length;
  const block = node.int('block_size', 0);
  const isWhole = scale.shape.length <= 1;
  const axis = isWhole && (scale.shape[0] ?? 1) === 1 ? 0 : readAxis(node.int('axis', 1), rank);
  const spread = (from: Constant): Constant => {
    if (block > 0) {
      const size = shape[axis] ?? cannot('its blocks need a known size');
      return gathered(
        from,
        axis,
        Array.from({ length: size }, (_, i) => Math.floor(i / block)),
        [size],
      );
    }
    if (from.shape.length > 1 || rank === 0) return from;
    const count = from.shape[0] ?? 1;
    const wide = new Array<number>(rank).fill(1);
    return reshaped(from, count === 1 ? wide : wide.with(axis, count));
  };
  return { scale: spread(scale), ...(zero && { zero: spread(zero) }) };
}

/** (x - zero point) * scale. */
export function dequantize(use: Use): Value {
  const x = use.value(0);
  if (x.kind === 'constant') {
    const { scale, zero } = readScales(use, x.shape);
    const [factor, offset] = [expanded(scale, x.shape), zero && expanded(zero, x.shape)];
    const at = offset ? [x, factor, offset] : [x, factor];
    const made = mapped('float', at, (a, b, c = 0) => (numberOf(a) - numberOf(c)) * numberOf(b));
    return { ...made, isWeight: true };
  }
  const value = use.context.unflattened(x);
  const { scale, zero } = readScales(use, knownDims(value));
  const moved = zero && !isZero(zero) ? withConstant(use, value, 'sub', zero) : value;
  return withConstant(use, moved, 'mul', scale);
}

/** x / scale, rounded half to even, plus the zero point, within the limits of the type. */
export function quantize(use: Use): Value {
  const { context, node } = use;
  const x = use.value(0);
  if (x.kind === 'constant') return cannot("it takes a constant, which isn't computed here");
  const value = context.unflattened(x);
  const { scale, zero } = readScales(use, knownDims(value));
  const limits =
    zero?.range ??
    rangeOf(node.int('output_dtype', 0)) ??
    (zero ? cannot("it quantizes to a type that can't be computed") : [0, 255]);
  const scaled = withConstant(use, value, 'div', scale);
  const rounded = computed(
    context.operation('round', [scaled.tensor], {}, `${node.name}/round`)[0],
    value.order,
    value.dims,
  );
  const moved = zero && !isZero(zero) ? withConstant(use, rounded, 'add', zero) : rounded;
  return clipped(use, moved, limits[0], limits[1]);
}

function isZero(zero: Constant): boolean {
  return Array.from(zero.elements).every((each) => each === 0);
}

function knownDims({ dims }: Computed): (number | undefined)[] {
  return dims.map((size) => (typeof size === 'number' ? size : undefined));
}

function withConstant({ context, node }: Use, x: Computed, op: string, operand: Constant): Computed {
  const count = operand.elements.length;
  const argument = count === 1 ? numberOf(operand.elements[0]) : physicalConstant(x, operand);
  return computed(context.operation(op, [x.tensor, argument], {}, `${node.name}/${op}`)[0], x.order, x.dims);
}
