import type { SymbolicTensor } from '../../layers/symbolic-tensor.js';
import { mixAxis } from '../along-axis.js';
import { type Context, invalid, type Use } from '../context.js';
import { channelsLast, type Computed, computed } from '../values.js';

/** LRN: over `size` channels around each, the sum of squares times alpha / size. */
export function localResponse(use: Use): Computed {
  const { context, node } = use;
  const x = use.computed(0);
  const size = node.int('size') ?? invalid('its size is missing');
  if (size < 1) invalid(`its size is ${size}`);
  const order = channelsLast(x.dims.length);
  const attributes = {
    bias: node.float('bias', 1),
    alpha: node.float('alpha', 1e-4) / size,
    beta: node.float('beta', 0.75),
  };
  const tensor = context.ordered(x, order);
  const depthRadius = (size - 1) / 2;
  const made = Number.isInteger(depthRadius)
    ? context.operation('localResponseNormalization', [tensor], { depthRadius, ...attributes }, node.name)[0]
    : lopsided(context, tensor, size, attributes, node.name);
  return computed(made, order, x.dims);
}

/** Of an even number of channels, one more comes after the middle than before. */
function lopsided(
  context: Context,
  x: SymbolicTensor,
  size: number,
  { bias, alpha, beta }: { bias: number; alpha: number; beta: number },
  name: string,
): SymbolicTensor {
  const last = x.sampleShape.length;
  const channels = x.sampleShape[last - 1] as number;
  const taps = Array.from({ length: channels }, (_, c) => {
    const around = Array.from({ length: size }, (__, i) => c - size / 2 + 1 + i);
    return around.filter((at) => at >= 0 && at < channels).map((at) => [at, alpha] as const);
  });
  const apply = (op: string, inputs: readonly (SymbolicTensor | number)[]) =>
    context.operation(op, inputs, {}, name)[0];
  const sums = mixAxis(context, apply('square', [x]), last, taps, name);
  return apply('mul', [x, apply('pow', [apply('add', [sums, bias]), -beta])]);
}
