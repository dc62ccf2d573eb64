import { wholeNumber } from '../checks.js';
import type { ForwardCall, Op } from '../op.js';
import { forEachElement } from '../parts.js';

const partsOf = ({ node, samples, outputShape, inputs }: ForwardCall<'concatenate'>) => ({
  samples,
  shape: outputShape,
  axis: node.attributes.axis,
  parts: inputs,
});

export const concatenate: Op<'concatenate'> = {
  check: (node) => void wholeNumber(node, 'axis', 0),
  forward(call) {
    forEachElement(partsOf(call), (input, from, to) => {
      call.output[to] = call.inputs[input][from];
    });
  },
  backward(call) {
    forEachElement(partsOf(call), (input, from, to) => {
      call.inputGradients[input][from] = call.outputGradient[to];
    });
  },
};
