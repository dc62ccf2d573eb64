import {
  checkAttributes,
  checkNoParameters,
  elementCount,
  fail,
  sameShape,
  show,
  wholeNumber,
} from '../checks.js';
import type { ForwardCall, Op } from '../op.js';

/** Calls visit(input, its element, output element) for all elements. */
function forEachElement(
  { node, inputs, samples, outputShape }: ForwardCall,
  visit: (input: number, from: number, to: number) => void,
): void {
  const axis = node.attributes.axis as number;
  const rows = samples * elementCount(outputShape.slice(0, axis));
  const row = elementCount(outputShape.slice(axis));
  let before = 0;
  inputs.forEach(({ length }, input) => {
    const part = length / rows;
    for (let i = 0; i < length; i++) visit(input, i, Math.floor(i / part) * row + before + (i % part));
    before += part;
  });
}

export const concatenate: Op = {
  takesSeveral: true,
  outputShape(node, first, ...others) {
    checkAttributes(node, ['axis']);
    checkNoParameters(node);
    const axis = wholeNumber(node, 'axis', 0);
    if (axis >= first.length) fail(node, 'INVALID_ARGUMENT', `there is no axis ${axis} in ${show(first)}.`);
    const without = (shape: readonly number[]) => shape.filter((_, each) => each !== axis);
    for (const shape of others) {
      if (shape.length !== first.length || !sameShape(without(shape), without(first))) {
        fail(
          node,
          'SHAPE_MISMATCH',
          `inputs are alike but for axis ${axis}; ${show(first)} and ${show(shape)} aren't.`,
        );
      }
    }
    const size = [first, ...others].reduce((sum, shape) => sum + shape[axis], 0);
    return first.map((each, index) => (index === axis ? size : each));
  },
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
