import { elementCount, wholeNumber } from '../checks.js';
import type { ForwardCall, Op } from '../op.js';

/** Calls visit(input, its element, output element) for all elements. */
function forEachElement(
  { node, inputs, samples, outputShape }: ForwardCall<'concatenate'>,
  visit: (input: number, from: number, to: number) => void,
): void {
  const { axis } = node.attributes;
  const rows = samples * elementCount(outputShape.slice(0, axis));
  const row = elementCount(outputShape.slice(axis));
  let before = 0;
  inputs.forEach(({ length }, input) => {
    const part = length / rows;
    for (let i = 0; i < length; i++) visit(input, i, Math.floor(i / part) * row + before + (i % part));
    before += part;
  });
}

export const concatenate: Op<'concatenate'> = {
  check: (node) => void wholeNumber(node, 'axis', 0),
  forward(call) {
    forEachElement(call, (input, from, to) => {
      call.output[to] = call.inputs[input][from];
    });
  },
  backward(call) {
    forEachElement(call, (input, from, to) => {
      call.inputGradients[input][from] = call.outputGradient[to];
    });
  },
};
