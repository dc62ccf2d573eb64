import type { NodeDescription } from '../../description.js';
import { fail, finiteNumber, wholeNumber } from '../checks.js';
import type { BackwardCall, ForwardCall, Op } from '../op.js';
import type { FloatArray } from '../precision.js';

type NormalizationOp = 'batchNormalization' | 'groupNormalization' | 'layerNormalization';

type Call = ForwardCall<NormalizationOp>;

/** Which elements of a batch are normalized together, and which gamma and beta they have. */
export interface Sets {
  /** Number of sets. All have the same number of elements. */
  count: number;
  setOf(element: number): number;
  channelOf(element: number): number;
}

export interface Statistics {
  mean: Float64Array;
  variance: Float64Array;
}

export function checkEpsilon(node: NodeDescription<NormalizationOp>): void {
  const epsilon = finiteNumber(node, 'epsilon');
  if (epsilon <= 0) fail(node, 'INVALID_ARGUMENT', `epsilon is ${epsilon}; it must be above 0.`);
}

/**
 * Computes mean and variance of each set. It sums distances from one value of the set, so that equal values
 * have exactly that mean and variance 0.
 */
export function takeStatistics(input: FloatArray, { count, setOf }: Sets): Statistics {
  const size = input.length / count;
  const pivot = new Float64Array(count);
  const mean = new Float64Array(count);
  const variance = new Float64Array(count);
  for (let i = 0; i < input.length; i++) pivot[setOf(i)] = input[i];
  for (let i = 0; i < input.length; i++) mean[setOf(i)] += (input[i] - pivot[setOf(i)]) / size;
  for (let set = 0; set < count; set++) mean[set] += pivot[set];
  for (let i = 0; i < input.length; i++) variance[setOf(i)] += (input[i] - mean[setOf(i)]) ** 2 / size;
  return { mean, variance };
}

/** The array of gamma or beta, or of its gradient; undefined if the node has none. */
function parameterOf({ node }: Call, arrays: readonly FloatArray[], name: string): FloatArray | undefined {
  const index = node.parameters.findIndex((parameter) => parameter.name === name);
  return arrays[index];
}

function inverseDeviations({ node }: Call, { variance }: Statistics): Float64Array {
  const { epsilon } = node.attributes;
  return variance.map((each) => 1 / Math.sqrt(each + epsilon));
}

export function normalize(call: Call, { setOf, channelOf }: Sets, statistics: Statistics): void {
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
 * With the normalized input x^ and g = gamma * dy: dx = (g - mean(g) - x^ * mean(g * x^)) / deviation, with
 * means over a set. Without `followX` the statistics don't depend on x, and the means are left out.
 */
export function differentiate(
  call: BackwardCall<NormalizationOp>,
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

/**
 * An op that normalizes sets of each sample by their own statistics, in training and elsewhere. The attribute
 * `cut`, from 1 up, says how samples are cut into sets.
 */
export function normalizationOfSamples<Name extends 'groupNormalization' | 'layerNormalization'>(
  cut: 'groups' | 'axes',
  setsOf: (call: ForwardCall<Name>) => Sets,
): Op<Name> {
  return {
    check(node) {
      checkEpsilon(node);
      wholeNumber(node, cut, 1);
    },
    forward(call) {
      const sets = setsOf(call);
      normalize(call, sets, takeStatistics(call.input, sets));
    },
    backward(call) {
      const sets = setsOf(call);
      differentiate(call, sets, takeStatistics(call.input, sets), true);
    },
  };
}
