import { checkFlag, fail, finiteNumber } from '../checks.js';
import type { ForwardCall, Op } from '../op.js';
import { checkRandomSource, forEachWord } from '../random-words.js';

export const gaussianNoise: Op<'gaussianNoise'> = {
  check(node) {
    const stddev = finiteNumber(node, 'stddev');
    if (stddev < 0) fail(node, 'INVALID_ARGUMENT', `stddev is ${stddev}; it must be a number from 0 up.`);
    checkFlag(node, 'multiplies');
    checkRandomSource(node);
  },
  forward(call) {
    const { input, output, node } = call;
    output.set(input);
    forEachNoise(call, (noise, e) => {
      output[e] = node.attributes.multiplies ? input[e] * (1 + noise) : input[e] + noise;
    });
  },
  backward(call) {
    const { inputGradient, outputGradient, node } = call;
    inputGradient.set(outputGradient);
    if (!node.attributes.multiplies) return;
    forEachNoise(call, (noise, e) => {
      inputGradient[e] = outputGradient[e] * (1 + noise);
    });
  },
};

/** Calls visit with stddev * z for each element, in training only. */
function forEachNoise(
  { node, input, random }: ForwardCall<'gaussianNoise'>,
  visit: (noise: number, e: number) => void,
): void {
  if (!random) return;
  const { stddev } = node.attributes;
  forEachWord(node, random, input.length, (word, e) => {
    visit(stddev * normalQuantile(((word >>> 8) + 0.5) / 2 ** 23 - 1), e);
  });
}

/**
 * Coefficients of Giles's polynomials for w < 5 (in w - 2.5) and above (in sqrt(w) - 3), highest power first.
 */
const CENTRE = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 2.1858087e-4, -1.25372503e-3, -4.17768164e-3,
  0.246640727, 1.50140941,
];
const TAIL = [
  -2.00214257e-4, 1.00950558e-4, 1.34934322e-3, -3.67342844e-3, 5.73950773e-3, -7.6224613e-3, 9.43887047e-3,
  1.00167406, 2.83297682,
];

/** The value that a standard normal variable is below with probability (1 + x) / 2. */
export function normalQuantile(x: number): number {
  const w = -Math.log((1 - x) * (1 + x));
  const [coefficients, t] = w < 5 ? [CENTRE, w - 2.5] : [TAIL, Math.sqrt(w) - 3];
  return Math.SQRT2 * x * coefficients.reduce((sum, coefficient) => sum * t + coefficient, 0);
}
