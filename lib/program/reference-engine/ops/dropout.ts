import { type PhiloxCounter, philox, philoxKey } from '../../../random/philox.js';
import type { NodeDescription } from '../../description.js';
import { checkAttributes, checkNoParameters, fail, finiteNumber } from '../checks.js';
import type { Op, RandomState } from '../op.js';
import type { FloatArray } from '../precision.js';

export const dropout: Op = {
  outputShape(node, input) {
    checkAttributes(node, ['rate', 'stream']);
    checkNoParameters(node);
    const rate = finiteNumber(node, 'rate');
    if (rate < 0 || rate >= 1) fail(node, 'INVALID_ARGUMENT', `rate is ${rate}; it must be in [0, 1).`);
    const stream = node.attributes.stream;
    if (!Number.isInteger(stream) || (stream as number) < 0 || (stream as number) >= 2 ** 32) {
      fail(node, 'INVALID_ARGUMENT', `stream is ${stream}; it must be a whole number in [0, 2^32).`);
    }
    return input;
  },
  forward({ node, input, output, random }) {
    if (random) dropElements(node, random, input, output);
    else output.set(input);
  },
  backward({ node, outputGradient, inputGradient, random }) {
    if (random) dropElements(node, random, outputGradient, inputGradient);
    else inputGradient.set(outputGradient);
  },
};

/** The mask is a function of seed, step, stream and element, so backward draws it again instead of keeping it. */
function dropElements(node: NodeDescription, random: RandomState, from: FloatArray, to: FloatArray): void {
  const rate = node.attributes.rate as number;
  const stream = node.attributes.stream as number;
  const threshold = Math.floor(rate * 2 ** 32);
  const scale = 1 / (1 - rate);
  const key = philoxKey(random.seed);
  const stepLow = random.step >>> 0;
  const stepHigh = Math.floor(random.step / 2 ** 32);
  const words = new Uint32Array(4);
  for (let block = 0; block * 4 < from.length; block++) {
    const counter: PhiloxCounter = [block, stream, stepLow, stepHigh];
    philox(counter, key, words);
    const end = Math.min(from.length, block * 4 + 4);
    for (let e = block * 4; e < end; e++) to[e] = words[e % 4] < threshold ? 0 : from[e] * scale;
  }
}
