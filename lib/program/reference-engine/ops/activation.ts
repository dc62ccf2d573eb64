import type { ActivationAttributes, SoftmaxActivation } from '../../contracts/activation.js';
import type { Shape } from '../../description.js';
import { checkAttributes, elementCount, oneOf, wholeNumber } from '../checks.js';
import type { BackwardCall, ForwardCall, Op } from '../op.js';
import { softmaxRow } from '../softmax-row.js';
import { checkElementwise, ELEMENTWISE_KINDS, makeElementwise } from './elementwise-activations.js';

interface Softmax {
  /** Replaces the logits by the output row. */
  forward(row: Float64Array): void;
  /** The gradient by one logit, from the output y, the gradient dy by y, and the row's total of `sum`. */
  backward(y: number, dy: number, sum: number): number;
  /** The term that is summed over the row. */
  sum(y: number, dy: number): number;
}

const SOFTMAXES: Record<SoftmaxActivation['kind'], Softmax> = {
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

const SOFTMAX_ATTRIBUTES = { kind: 'required', axis: 'optional' } as const;

export const activation: Op<'activation'> = {
  check(node) {
    const kind = oneOf(node, 'kind', [...ELEMENTWISE_KINDS, ...Object.keys(SOFTMAXES)]);
    if (Object.hasOwn(SOFTMAXES, kind)) {
      checkAttributes(node, SOFTMAX_ATTRIBUTES);
      if ('axis' in node.attributes) wholeNumber(node, 'axis', 0);
    } else {
      checkElementwise(node);
    }
  },
  forward(call) {
    const { attributes } = call.node;
    if (isSoftmax(attributes)) return softmaxForward(attributes, call);
    const { f } = makeElementwise(attributes);
    for (let i = 0; i < call.input.length; i++) call.output[i] = f(call.input[i]);
  },
  backward(call) {
    const { attributes } = call.node;
    if (isSoftmax(attributes)) return softmaxBackward(attributes, call);
    const { derivative } = makeElementwise(attributes);
    const { input, outputGradient, inputGradient } = call;
    for (let i = 0; i < input.length; i++) inputGradient[i] = outputGradient[i] * derivative(input[i]);
  },
};

function isSoftmax(attributes: ActivationAttributes): attributes is SoftmaxActivation {
  return Object.hasOwn(SOFTMAXES, attributes.kind);
}

/** Calls visit with the indexes of each row's elements in the batch. */
function forEachRow(
  { axis }: SoftmaxActivation,
  inputShape: Shape,
  length: number,
  visit: (indices: Int32Array) => void,
): void {
  const along = axis ?? inputShape.length - 1;
  const inner = elementCount(inputShape.slice(along + 1));
  const indices = new Int32Array(inputShape[along]);
  const block = indices.length * inner;
  for (let first = 0; first < length; first += block) {
    for (let column = first; column < first + inner; column++) {
      for (let i = 0; i < indices.length; i++) indices[i] = column + i * inner;
      visit(indices);
    }
  }
}

function softmaxForward(attributes: SoftmaxActivation, { inputShape, input, output }: ForwardCall): void {
  const softmax = SOFTMAXES[attributes.kind];
  forEachRow(attributes, inputShape, input.length, (indices) => {
    const row = Float64Array.from(indices, (index) => input[index]);
    softmax.forward(row);
    row.forEach((value, i) => {
      output[indices[i]] = value;
    });
  });
}

function softmaxBackward(attributes: SoftmaxActivation, call: BackwardCall): void {
  const { inputShape, output, outputGradient, inputGradient } = call;
  const softmax = SOFTMAXES[attributes.kind];
  forEachRow(attributes, inputShape, output.length, (indices) => {
    let sum = 0;
    for (const index of indices) sum += softmax.sum(output[index], outputGradient[index]);
    for (const index of indices)
      inputGradient[index] = softmax.backward(output[index], outputGradient[index], sum);
  });
}
