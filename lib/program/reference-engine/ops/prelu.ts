import { broadcastPlaces, broadcastShape } from '../broadcast.js';
import { checkAttributes, elementCount, fail, sameShape, show } from '../checks.js';
import type { ForwardCall, Op } from '../op.js';

/** x where x > 0, elsewhere alpha * x. */
export const prelu: Op = {
  outputShape(node, input) {
    checkAttributes(node, ['alphaShape']);
    if (input.length === 0) fail(node, 'SHAPE_MISMATCH', 'prelu needs an input with an axis, not [].');
    const elements = elementCount(broadcastShape(node, 'alphaShape', input));
    const [alpha] = node.parameters;
    if (node.parameters.length !== 1 || alpha.name !== 'alpha') {
      fail(node, 'INVALID_ARGUMENT', 'prelu takes the parameter [alpha].');
    }
    if (!sameShape(alpha.shape, [elements])) {
      fail(node, 'SHAPE_MISMATCH', `alpha has shape ${show(alpha.shape)}; it must be [${elements}].`);
    }
    return input;
  },
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

function placesOf({ node, inputShape }: ForwardCall): Int32Array {
  return broadcastPlaces(inputShape, node.attributes.alphaShape as number[]);
}
