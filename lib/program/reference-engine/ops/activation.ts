import type { NodeDescription, Shape } from '../../description.js';
import { checkAttributes, checkNoParameters, elementCount, fail, oneOf, wholeNumber } from '../checks.js';
import type { BackwardCall, ForwardCall, Op } from '../op.js';
import { softmaxRow } from '../softmax-row.js';
import { ELEMENTWISE } from './elementwise-activations.js';

interface Softmax {
  /** From the logits to the row, in place. */
  forward(row: Float64Array): void;
  /** The gradient by one logit, from the row's value y there, the gradient dy by it, and what `sum` gave for the row. */
  backward(y: number, dy: number, sum: number): number;
  /** What is added up over the row. */
  sum(y: number, dy: number): number;
}

const SOFTMAXES: Record<string, Softmax> = {
  softmax: {
    forward: (row) => void softmaxRow(row.slice(), 0, row),
    backward: (y, dy, sum) => y * (dy - sum),
    sum: (y, dy) => y * dy,
  },
  logSoftmax: {
    forward(row) {
      const logits = row.slice();
      const logSum = softmaxRow(logits, 0, row);
      for (let i = 0; i < row.length; i++) row[i] = logits[i] - logSum;
    },
    backward: (y, dy, sum) => dy - Math.exp(y) * sum,
    sum: (_, dy) => dy,
  },
};

export const activation: Op = {
  outputShape(node, input) {
    const kind = oneOf(node, 'kind', [...Object.keys(ELEMENTWISE), ...Object.keys(SOFTMAXES)]);
    checkNoParameters(node);
    if (Object.hasOwn(SOFTMAXES, kind)) {
      checkAttributes(node, ['kind'], ['axis']);
      readAxis(node, input);
    } else {
      checkAttributes(node, ['kind'], ELEMENTWISE[kind].attributes);
      ELEMENTWISE[kind].make(node);
    }
    return input;
  },

  forward(call) {
    const kind = call.node.attributes.kind as string;
    if (Object.hasOwn(SOFTMAXES, kind)) return softmaxForward(SOFTMAXES[kind], call);
    const { f } = ELEMENTWISE[kind].make(call.node);
    for (let i = 0; i < call.input.length; i++) call.output[i] = f(call.input[i]);
  },

  backward(call) {
    const kind = call.node.attributes.kind as string;
    if (Object.hasOwn(SOFTMAXES, kind)) return softmaxBackward(SOFTMAXES[kind], call);
    const { derivative } = ELEMENTWISE[kind].make(call.node);
    const { input, outputGradient, inputGradient } = call;
    for (let i = 0; i < input.length; i++) inputGradient[i] = outputGradient[i] * derivative(input[i]);
  },
};

function readAxis(node: NodeDescription, shape: Shape): number {
  if (shape.length === 0) {
    fail(node, 'SHAPE_MISMATCH', 'softmax needs an input with at least one axis, not [].');
  }
  if (node.attributes.axis === undefined) return shape.length - 1;
  const axis = wholeNumber(node, 'axis', 0);
  if (axis >= shape.length) {
    fail(node, 'INVALID_ARGUMENT', `axis is ${axis}; the input has ${shape.length} axes.`);
  }
  return axis;
}

/** Calls visit with the places of each row's elements, in the batch of values. */
function forEachRow({ node, inputShape, input }: ForwardCall, visit: (places: Int32Array) => void): void {
  const axis = readAxis(node, inputShape);
  const inner = elementCount(inputShape.slice(axis + 1));
  const places = new Int32Array(inputShape[axis]);
  const block = places.length * inner;
  for (let first = 0; first < input.length; first += block) {
    for (let column = first; column < first + inner; column++) {
      for (let i = 0; i < places.length; i++) places[i] = column + i * inner;
      visit(places);
    }
  }
}

function softmaxForward(softmax: Softmax, call: ForwardCall): void {
  forEachRow(call, (places) => {
    const row = Float64Array.from(places, (place) => call.input[place]);
    softmax.forward(row);
    row.forEach((value, i) => {
      call.output[places[i]] = value;
    });
  });
}

function softmaxBackward(softmax: Softmax, call: BackwardCall): void {
  const { output, outputGradient, inputGradient } = call;
  forEachRow(call, (places) => {
    let sum = 0;
    for (const place of places) sum += softmax.sum(output[place], outputGradient[place]);
    for (const place of places)
      inputGradient[place] = softmax.backward(output[place], outputGradient[place], sum);
  });
}
