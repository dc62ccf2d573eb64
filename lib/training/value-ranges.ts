import { nodeOf, type AttributesOf, type NodeDescription } from '../program/description.js';

/** The lowest and highest value that an element may have; NaN if unknown. */
export type Range = readonly [low: number, high: number];

const UNKNOWN: Range = [Number.NaN, Number.NaN];
const ANY: Range = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];

/** The range of each node's outputs, over all samples and all weights that training may reach. */
export function valueRanges(nodes: readonly NodeDescription[]): Range[] {
  const ranges: Range[] = [];
  for (const node of nodes) {
    const inputs = node.inputs.map((input) => ranges[nodeOf(input)]);
    ranges.push(rangeOf(node, inputs));
  }
  return ranges;
}

function rangeOf(node: NodeDescription, inputs: readonly Range[]): Range {
  const [first] = inputs;
  const lows = inputs.map(([low]) => low);
  const highs = inputs.map(([, high]) => high);
  switch (node.op) {
    case 'dense':
    case 'conv2d':
    case 'conv2dTranspose':
    case 'constant':
    case 'embedding':
    case 'batchNormalization':
    case 'layerNormalization':
    case 'groupNormalization':
      return isFree(node) ? ANY : UNKNOWN;
    case 'activation':
      return afterActivation(node.attributes, first);
    case 'prelu':
      return [ifNegative(first[0], Number.NEGATIVE_INFINITY), first[1]];
    case 'add':
      return [sum(lows), sum(highs)];
    case 'merge':
      return merged(node.attributes.kind, inputs);
    case 'concatenate':
      return [Math.min(...lows), Math.max(...highs)];
    case 'rescaling':
      return rescaled(first, node.attributes);
    case 'pool2d':
      return pooled(first, node.attributes);
    case 'pad':
      return padded(first, node.attributes);
    case 'clip':
      return clipped(first, node.attributes);
    case 'select':
      return [Math.min(...lows.slice(1)), Math.max(...highs.slice(1))];
    case 'reduce':
      return ['max', 'min', 'mean'].includes(node.attributes.kind) ? first : UNKNOWN;
    case 'broadcast':
    case 'gather':
    case 'permute':
    case 'reshape':
    case 'resize':
    case 'slice':
    case 'spaceToDepth':
    case 'split':
      return first;
    default:
      return UNKNOWN;
  }
}

function pooled(range: Range, { kind, counted, dilations }: AttributesOf<'pool2d'>): Range {
  if (kind === 'sum') return [ifNegative(range[0], -Infinity), Infinity];
  // A window may have no position inside the image.
  if (kind === 'max' && dilations) return [-Infinity, range[1]];
  return counted === 'padded' || dilations ? [Math.min(0, range[0]), Math.max(0, range[1])] : range;
}

function padded(range: Range, { mode = 'constant', value = 0 }: AttributesOf<'pad'>): Range {
  return mode === 'constant' ? [Math.min(value, range[0]), Math.max(value, range[1])] : range;
}

/** Whether training may set the node's first parameter, its kernel, to any values. */
function isFree({ parameters }: NodeDescription): boolean {
  return parameters.length > 0 && parameters[0].trainable !== false && !parameters[0].constraint;
}

const ACTIVATIONS: Readonly<Record<string, (range: Range) => Range>> = {
  softmax: () => [0, 1],
  sigmoid: () => [0, 1],
  hardSigmoid: () => [0, 1],
  logSoftmax: () => [Number.NEGATIVE_INFINITY, 0],
  exponential: () => [0, Number.POSITIVE_INFINITY],
  softplus: () => [0, Number.POSITIVE_INFINITY],
  tanh: ([low]) => [ifNegative(low, -1), 1],
  softsign: ([low]) => [ifNegative(low, -1), 1],
};

function afterActivation(attributes: AttributesOf<'activation'>, range: Range): Range {
  if (attributes.kind === 'relu') {
    const { maxValue = Number.POSITIVE_INFINITY, negativeSlope } = attributes;
    const low = negativeSlope ? ifNegative(range[0], Number.NEGATIVE_INFINITY) : 0;
    return [low, Math.min(maxValue, range[1])];
  }
  const known = ACTIVATIONS[attributes.kind];
  // All other activations pass positive values on, and return some negative values for negative ones.
  return known ? known(range) : [ifNegative(range[0], -1), range[1]];
}

/** `low` if a value may be negative, else 0. NaN stays NaN. */
function ifNegative(value: number, low: number): number {
  return value < 0 ? low : value * 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

function merged(kind: AttributesOf<'merge'>['kind'], inputs: readonly Range[]): Range {
  const lows = inputs.map(([low]) => low);
  const highs = inputs.map(([, high]) => high);
  switch (kind) {
    case 'subtract':
      return [lows[0] - highs[1], highs[0] - lows[1]];
    case 'average':
      return [sum(lows) / lows.length, sum(highs) / highs.length];
    case 'maximum':
      return [Math.max(...lows), Math.max(...highs)];
    case 'minimum':
      return [Math.min(...lows), Math.min(...highs)];
    default: {
      const isKnown = [...lows, ...highs].every((bound) => !Number.isNaN(bound));
      if (!isKnown) return UNKNOWN;
      return lows.every((low) => low >= 0) ? [0, highs.reduce((a, b) => a * b, 1)] : ANY;
    }
  }
}

function clipped([low, high]: Range, { min = -Infinity, max = Infinity }: AttributesOf<'clip'>): Range {
  const limited = (value: number) => Math.min(Math.max(value, min), max);
  return [limited(low), limited(high)];
}

function rescaled([low, high]: Range, { scale, offset }: AttributesOf<'rescaling'>): Range {
  const ends = [low * scale + offset, high * scale + offset];
  return [Math.min(...ends), Math.max(...ends)];
}
