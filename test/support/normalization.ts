import type { Attribute, OpName, ParameterDescription } from '../../lib/program/description.js';
import type { Link } from './chain.js';

export interface NormalizationCase {
  epsilon?: number;
  center?: boolean;
  scale?: boolean;
}

/** `others` are the names of the parameters after gamma and beta. */
function normalization(
  op: OpName,
  attributes: Record<string, Attribute>,
  length: number,
  { epsilon = 1e-3, center = true, scale = true }: NormalizationCase,
  others: readonly string[] = [],
): ReturnType<Link> {
  const parameters: ParameterDescription[] = [];
  if (scale) parameters.push({ name: 'gamma', shape: [length] });
  if (center) parameters.push({ name: 'beta', shape: [length] });
  for (const name of others) parameters.push({ name, shape: [length], trainable: false });
  return { op, attributes: { epsilon, ...attributes }, parameters };
}

export function batchNormalization({
  momentum = 0.9,
  frozen = false,
  always = false,
  ...options
}: NormalizationCase & { momentum?: number; frozen?: boolean; always?: boolean } = {}): Link {
  return (shape) => {
    const [channels] = shape.slice(-1);
    const others = ['moving_mean', 'moving_variance'];
    const attributes = { momentum, frozen, always };
    return normalization('batchNormalization', attributes, channels, options, others);
  };
}

export function groupNormalization(groups: number, options: NormalizationCase = {}): Link {
  return (shape) => {
    const [channels] = shape.slice(-1);
    return normalization('groupNormalization', { groups }, channels, options);
  };
}

export function layerNormalization(axes: number, options: NormalizationCase = {}): Link {
  return (shape) => {
    const length = shape.slice(-axes).reduce((product, size) => product * size, 1);
    return normalization('layerNormalization', { axes }, length, options);
  };
}
