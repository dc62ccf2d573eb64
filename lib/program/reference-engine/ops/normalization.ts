import type { NodeDescription, Shape } from '../../description.js';
import {
  checkAttributes,
  elementCount,
  fail,
  finiteNumber,
  sameShape,
  show,
  wholeNumber,
} from '../checks.js';
import type { BackwardCall, ForwardCall, Op } from '../op.js';
import type { FloatArray } from '../precision.js';

/** Which elements of a batch are normalized together, and which gamma and beta they have. */
interface Sets {
  /** How many sets there are, each of as many elements. */
  count: number;
  setOf(element: number): number;
  channelOf(element: number): number;
}

interface Statistics {
  mean: Float64Array;
  variance: Float64Array;
}

/** One set a channel. */
export const batchNormalization: Op = {
  outputShape(node, input) {
    checkAttributes(node, ['epsilon', 'momentum'], ['frozen', 'always']);
    for (const name of ['frozen', 'always']) {
      const value = node.attributes[name] ?? false;
      if (typeof value !== 'boolean')
        fail(node, 'INVALID_ARGUMENT', `${name} is ${value}; it must be true or false.`);
    }
    const momentum = finiteNumber(node, 'momentum');
    if (momentum < 0 || momentum > 1) {
      fail(node, 'INVALID_ARGUMENT', `momentum is ${momentum}; it must be in [0, 1].`);
    }
    checkScaling(node, channelsOf(node, input), ['moving_mean', 'moving_variance']);
    return input;
  },
  forward(call) {
    const sets = setsByChannel(call);
    const statistics = batchStatistics(call, sets);
    if (call.keepsStatistics && takesStatistics(call)) keepStatistics(call, statistics);
    normalize(call, sets, statistics);
  },
  backward(call) {
    const sets = setsByChannel(call);
    differentiate(call, sets, batchStatistics(call, sets), takesStatistics(call));
  },
};

/** One set a sample and group. */
export const groupNormalization: Op = {
  outputShape(node, input) {
    checkAttributes(node, ['epsilon', 'groups']);
    const channels = channelsOf(node, input);
    checkScaling(node, channels);
    const groups = wholeNumber(node, 'groups', 1);
    if (channels % groups !== 0) {
      fail(
        node,
        'SHAPE_MISMATCH',
        `${channels} channels can't be cut into ${groups} groups of the same size.`,
      );
    }
    return input;
  },
  forward(call) {
    const sets = setsByGroup(call);
    normalize(call, sets, takeStatistics(call.input, sets));
  },
  backward(call) {
    const sets = setsByGroup(call);
    differentiate(call, sets, takeStatistics(call.input, sets), true);
  },
};

/** One set a row, which has the last axes. */
export const layerNormalization: Op = {
  outputShape(node, input) {
    checkAttributes(node, ['epsilon', 'axes']);
    const axes = wholeNumber(node, 'axes', 1);
    if (axes > input.length) fail(node, 'SHAPE_MISMATCH', `its input ${show(input)} has no ${axes} axes.`);
    checkScaling(node, elementCount(input.slice(-axes)));
    return input;
  },
  forward(call) {
    const sets = setsByRow(call);
    normalize(call, sets, takeStatistics(call.input, sets));
  },
  backward(call) {
    const sets = setsByRow(call);
    differentiate(call, sets, takeStatistics(call.input, sets), true);
  },
};

function channelsOf(node: NodeDescription, input: Shape): number {
  const channels = input.at(-1);
  return channels ?? fail(node, 'SHAPE_MISMATCH', 'a normalization needs an axis of channels.');
}

/** Epsilon, and the parameters: gamma and beta where there are any, then `others`, all of this length. */
function checkScaling(node: NodeDescription, length: number, others: readonly string[] = []): void {
  const epsilon = finiteNumber(node, 'epsilon');
  if (epsilon <= 0) fail(node, 'INVALID_ARGUMENT', `epsilon is ${epsilon}; it must be above 0.`);
  const given = node.parameters.map(({ name }) => name);
  const expected = [...['gamma', 'beta'].filter((name) => given.includes(name)), ...others];
  if (given.join() !== expected.join()) {
    fail(
      node,
      'INVALID_ARGUMENT',
      `${node.op} takes the parameters [${expected.join(', ')}], not [${given.join(', ')}].`,
    );
  }
  for (const { name, shape } of node.parameters) {
    if (!sameShape(shape, [length]))
      fail(node, 'SHAPE_MISMATCH', `${name} has shape ${show(shape)}; it must be [${length}].`);
  }
}

function setsByChannel({ inputShape }: ForwardCall): Sets {
  const channels = inputShape[inputShape.length - 1];
  const channelOf = (element: number) => element % channels;
  return { count: channels, setOf: channelOf, channelOf };
}

function setsByGroup({ node, samples, inputShape }: ForwardCall): Sets {
  const channels = inputShape[inputShape.length - 1];
  const groups = node.attributes.groups as number;
  const size = elementCount(inputShape);
  const channelOf = (element: number) => element % channels;
  return {
    count: samples * groups,
    setOf: (element) =>
      Math.floor(element / size) * groups + Math.floor((channelOf(element) * groups) / channels),
    channelOf,
  };
}

function setsByRow({ node, input, inputShape }: ForwardCall): Sets {
  const length = elementCount(inputShape.slice(-(node.attributes.axes as number)));
  return {
    count: input.length / length,
    setOf: (element) => Math.floor(element / length),
    channelOf: (element) => element % length,
  };
}

/** Distances from a value of the set are summed, so that equal values have exactly their mean, and no variance. */
function takeStatistics(input: FloatArray, { count, setOf }: Sets): Statistics {
  const size = input.length / count;
  const centre = new Float64Array(count);
  const mean = new Float64Array(count);
  const variance = new Float64Array(count);
  for (let i = 0; i < input.length; i++) centre[setOf(i)] = input[i];
  for (let i = 0; i < input.length; i++) mean[setOf(i)] += (input[i] - centre[setOf(i)]) / size;
  for (let set = 0; set < count; set++) mean[set] += centre[set];
  for (let i = 0; i < input.length; i++) variance[setOf(i)] += (input[i] - mean[setOf(i)]) ** 2 / size;
  return { mean, variance };
}

/** Whether the batch's own statistics are used; if not, the moving ones are. */
function takesStatistics({ node, training }: ForwardCall): boolean {
  return training && node.attributes.frozen !== true;
}

function batchStatistics(call: ForwardCall, sets: Sets): Statistics {
  if (takesStatistics(call)) return takeStatistics(call.input, sets);
  const [mean, variance] = call.parameters.slice(-2);
  return { mean: Float64Array.from(mean), variance: Float64Array.from(variance) };
}

function keepStatistics({ node, parameters }: ForwardCall, { mean, variance }: Statistics): void {
  const momentum = node.attributes.momentum as number;
  const [movingMean, movingVariance] = parameters.slice(-2);
  for (let i = 0; i < mean.length; i++) {
    movingMean[i] = movingMean[i] * momentum + mean[i] * (1 - momentum);
    movingVariance[i] = movingVariance[i] * momentum + variance[i] * (1 - momentum);
  }
}

/** gamma, or beta, and where its gradient goes; undefined where there is none. */
function parameterOf(
  { node }: ForwardCall,
  arrays: readonly FloatArray[],
  name: string,
): FloatArray | undefined {
  const index = node.parameters.findIndex((parameter) => parameter.name === name);
  return arrays[index];
}

function inverseDeviations({ node }: ForwardCall, { variance }: Statistics): Float64Array {
  const epsilon = node.attributes.epsilon as number;
  return variance.map((each) => 1 / Math.sqrt(each + epsilon));
}

function normalize(call: ForwardCall, { setOf, channelOf }: Sets, statistics: Statistics): void {
  const { input, output, parameters } = call;
  const gamma = parameterOf(call, parameters, 'gamma');
  const beta = parameterOf(call, parameters, 'beta');
  const inverse = inverseDeviations(call, statistics);
  for (let i = 0; i < input.length; i++) {
    const set = setOf(i);
    const channel = channelOf(i);
    const normalized = (input[i] - statistics.mean[set]) * inverse[set];
    output[i] = normalized * (gamma?.[channel] ?? 1) + (beta?.[channel] ?? 0);
  }
}

/**
 * With x^ the normalized input and g = gamma * dy: dx = (g - mean(g) - x^ * mean(g * x^)) / deviation, the means being over a set;
 * without them where the statistics don't follow from x.
 */
function differentiate(
  call: BackwardCall,
  { count, setOf, channelOf }: Sets,
  statistics: Statistics,
  followX: boolean,
): void {
  const { input, outputGradient, inputGradient, parameters, parameterGradients } = call;
  const gamma = parameterOf(call, parameters, 'gamma');
  const inverse = inverseDeviations(call, statistics);
  const normalized = Float64Array.from(input, (x, i) => (x - statistics.mean[setOf(i)]) * inverse[setOf(i)]);
  const scaled = Float64Array.from(outputGradient, (dy, i) => dy * (gamma?.[channelOf(i)] ?? 1));
  const mean = new Float64Array(count);
  const product = new Float64Array(count);
  const size = input.length / count;
  for (let i = 0; i < input.length && followX; i++) {
    mean[setOf(i)] += scaled[i] / size;
    product[setOf(i)] += (scaled[i] * normalized[i]) / size;
  }
  const channels = gamma?.length ?? parameterOf(call, parameters, 'beta')?.length ?? 0;
  const gammaSums = new Float64Array(channels);
  const betaSums = new Float64Array(channels);
  for (let i = 0; i < input.length; i++) {
    const set = setOf(i);
    inputGradient[i] = (scaled[i] - mean[set] - normalized[i] * product[set]) * inverse[set];
    if (channels === 0) continue;
    gammaSums[channelOf(i)] += outputGradient[i] * normalized[i];
    betaSums[channelOf(i)] += outputGradient[i];
  }
  parameterOf(call, parameterGradients, 'gamma')?.set(gammaSums);
  parameterOf(call, parameterGradients, 'beta')?.set(betaSums);
}
