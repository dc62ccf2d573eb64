import { cannot, invalid, type Use } from '../context.js';
import { channelsLast, type Computed, computed } from '../values.js';

/** LRN: over `size` channels around each, the sum of squares times alpha / size. */
export function localResponse(use: Use): Computed {
  const { context, node } = use;
  const x = use.computed(0);
  const size = node.int('size') ?? invalid('its size is missing');
  if (size < 1) invalid(`its size is ${size}`);
  if (size % 2 === 0) return cannot(`its size is ${size}; an odd one can be done`);
  const order = channelsLast(x.dims.length);
  const attributes = {
    depthRadius: (size - 1) / 2,
    bias: node.float('bias', 1),
    alpha: node.float('alpha', 1e-4) / size,
    beta: node.float('beta', 0.75),
  };
  const tensor = context.ordered(x, order);
  return computed(
    context.operation('localResponseNormalization', [tensor], attributes, node.name)[0],
    order,
    x.dims,
  );
}
