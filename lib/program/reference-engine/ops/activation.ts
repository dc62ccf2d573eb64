import { checkAttributes, checkNoParameters, fail, oneOf } from '../checks.js';
import type { BackwardCall, ForwardCall, Op } from '../op.js';
import { softmaxRow } from '../softmax-row.js';

interface ActivationKind {
  forward(call: ForwardCall): void;
  backward(call: BackwardCall): void;
}

const KINDS: Record<string, ActivationKind> = {
  relu: elementwise(
    (x) => Math.max(x, 0),
    (y) => (y > 0 ? 1 : 0),
  ),
  sigmoid: elementwise(
    (x) => 1 / (1 + Math.exp(-x)),
    (y) => y * (1 - y),
  ),
  tanh: elementwise(Math.tanh, (y) => 1 - y * y),
  softmax: { forward: softmaxForward, backward: softmaxBackward },
};

export const activation: Op = {
  outputShape(node, input) {
    checkAttributes(node, ['kind']);
    checkNoParameters(node);
    const kind = oneOf(node, 'kind', Object.keys(KINDS));
    if (kind === 'softmax' && input.length === 0) {
      fail(node, 'SHAPE_MISMATCH', 'softmax needs an input with at least one axis, not [].');
    }
    return input;
  },
  forward(call) {
    KINDS[call.node.attributes.kind as string].forward(call);
  },
  backward(call) {
    KINDS[call.node.attributes.kind as string].backward(call);
  },
};

/** `derivative` is given the output y = f(x). */
function elementwise(f: (x: number) => number, derivative: (y: number) => number): ActivationKind {
  return {
    forward({ input, output }) {
      for (let i = 0; i < input.length; i++) output[i] = f(input[i]);
    },
    backward({ output, outputGradient, inputGradient }) {
      for (let i = 0; i < output.length; i++) inputGradient[i] = outputGradient[i] * derivative(output[i]);
    },
  };
}

function softmaxForward({ inputShape, input, output }: ForwardCall): void {
  const row = new Float64Array(inputShape[inputShape.length - 1]);
  for (let start = 0; start < input.length; start += row.length) {
    softmaxRow(input, start, row);
    output.set(row, start);
  }
}

/** dx_i = y_i (dy_i - sum_j dy_j y_j) */
function softmaxBackward({ inputShape, output, outputGradient, inputGradient }: BackwardCall): void {
  const classes = inputShape[inputShape.length - 1];
  for (let start = 0; start < output.length; start += classes) {
    let dot = 0;
    for (let i = start; i < start + classes; i++) dot += outputGradient[i] * output[i];
    for (let i = start; i < start + classes; i++) inputGradient[i] = output[i] * (outputGradient[i] - dot);
  }
}
