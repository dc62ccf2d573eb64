import { broadcastPlaces } from '../broadcast.js';
import { wholeNumbers } from '../checks.js';
import type { ForwardCall, Op } from '../op.js';

/** x where x > 0, otherwise alpha * x. */
export const prelu: Op<'prelu'> = {
  check: (node, input) => void wholeNumbers(node, 'alphaShape', input.length, 1),
  forward(call) {
    const { input, output, parameters } = call;
    const places = placesOf(call);
    for (let i = 0; i < input.length; i++) {
      output[i] = input[i] > 0 ? input[i] : input[i] * parameters[0][places[i % places.length]];
    }
  },
  backward(call) {
    const { input, parameters, outputGradient, inputGradient, parameterGradients } = call;
    const places = placesOf(call);
    const sums = new Float64Array(parameters[0].length);
    for (let i = 0; i < input.length; i++) {
      const place = places[i % places.length];
      inputGradient[i] = outputGradient[i] * (input[i] > 0 ? 1 : parameters[0][place]);
      if (!(input[i] > 0)) sums[place] += outputGradient[i] * input[i];
    }
    parameterGradients[0].set(sums);
  },
};

function placesOf({ node, inputShape }: ForwardCall<'prelu'>): Int32Array {
  return broadcastPlaces(inputShape, node.attributes.alphaShape);
}
