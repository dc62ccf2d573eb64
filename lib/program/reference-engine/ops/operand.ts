import { BINARY_FUNCTIONS, BINARY_KINDS, type BinaryFunction } from '../binary-functions.js';
import { forEachRepeated, type Repeated } from '../broadcast-indexes.js';
import { checkFlag, finiteNumber, oneOf } from '../checks.js';
import type { ForwardCall, Op } from '../op.js';
import type { FloatArray } from '../precision.js';

export const operand: Op<'operand'> = {
  check(node) {
    oneOf(node, 'kind', BINARY_KINDS);
    checkFlag(node, 'reversed');
    if ('value' in node.attributes) finiteNumber(node, 'value');
  },
  forward(call) {
    const { samples, input, output, outputShape } = call;
    const { f } = functionOf(call);
    const { constant, sources } = constantOf(call);
    forEachRepeated(outputShape, samples, sources, (to, [i, j]) => {
      output[to] = f(input[i], constant[j]);
    });
  },
  backward(call) {
    const { samples, input, outputShape, outputGradient, inputGradient, parameterGradients } = call;
    const { byA, byB } = functionOf(call);
    const { constant, sources } = constantOf(call);
    const sums = new Float64Array(inputGradient.length);
    const constantSums = new Float64Array(constant.length);
    forEachRepeated(outputShape, samples, sources, (to, [i, j]) => {
      sums[i] += outputGradient[to] * byA(input[i], constant[j]);
      constantSums[j] += outputGradient[to] * byB(input[i], constant[j]);
    });
    inputGradient.set(sums);
    parameterGradients[0]?.set(constantSums);
  },
};

/** The function of the input as `a` and the constant as `b`. */
function functionOf({ node: { attributes } }: ForwardCall<'operand'>): BinaryFunction {
  const given = BINARY_FUNCTIONS[attributes.kind];
  if (!attributes.reversed) return given;
  return {
    f: (a, b) => given.f(b, a),
    byA: (a, b) => given.byB(b, a),
    byB: (a, b) => given.byA(b, a),
  };
}

function constantOf({ node, inputShape, parameters }: ForwardCall<'operand'>): {
  constant: FloatArray;
  sources: Repeated[];
} {
  const [parameter] = node.parameters;
  // In float32, as inputs are, so that a value may equal them.
  const constant = parameter ? parameters[0] : Float32Array.of(node.attributes.value ?? 0);
  const shape = parameter ? parameter.shape : [];
  return {
    constant,
    sources: [
      { shape: inputShape, perSample: true },
      { shape, perSample: false },
    ],
  };
}
