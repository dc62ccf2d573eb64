import type { ActivationAttributes } from '../../../program/contracts/index.js';
import type { Call, OpDefinition } from '../call.js';

/*
 * Activation functions, each of which is an op of programs.
 */

function activation(
  names: readonly string[],
  attributesOf: (call: Call) => ActivationAttributes,
): OpDefinition {
  return {
    arguments: 1,
    attributes: names,
    build: (call) => call.add('activation', [call.value()], attributesOf(call)),
  };
}

function plain(attributes: ActivationAttributes): OpDefinition {
  return activation([], () => attributes);
}

function alongAxis(kind: 'softmax' | 'logSoftmax'): OpDefinition {
  return activation(['axis'], (call) => ({ kind, axis: call.sampleAxis('axis', call.value(), -1) }));
}

export const exp = plain({ kind: 'exponential' });
export const relu = plain({ kind: 'relu' });
export const relu6 = plain({ kind: 'relu', maxValue: 6 });
export const sigmoid = plain({ kind: 'sigmoid' });
export const tanh = plain({ kind: 'tanh' });
export const selu = plain({ kind: 'selu' });
export const softplus = plain({ kind: 'softplus' });
export const softsign = plain({ kind: 'softsign' });
export const silu = plain({ kind: 'silu' });
export const mish = plain({ kind: 'mish' });
export const hardSwish = plain({ kind: 'hardSwish' });
export const elu = activation(['alpha'], (call) => ({ kind: 'elu', alpha: call.number('alpha', 1) }));
export const leakyRelu = activation(['alpha'], (call) => ({
  kind: 'relu',
  negativeSlope: call.number('alpha', 0.2),
}));
export const celu = activation(['alpha'], (call) => ({ kind: 'celu', alpha: call.number('alpha', 1) }));
export const hardSigmoid = activation(['slope', 'offset'], (call) => ({
  kind: 'hardSigmoid',
  slope: call.number('slope', 1 / 6),
  offset: call.number('offset', 0.5),
}));
export const gelu = activation(['approximate'], (call) => ({
  kind: 'gelu',
  approximate: call.flag('approximate'),
}));
export const softmax = alongAxis('softmax');
export const logSoftmax = alongAxis('logSoftmax');

/** x where x > 0, otherwise alpha x. Alpha is a constant that broadcasts to x. */
export const prelu: OpDefinition = {
  arguments: 2,
  attributes: [],
  build(call) {
    const x = call.value(0);
    const alpha = call.constant(1);
    const alphaShape = call.broadcastable(alpha, x);
    const size = alphaShape.reduce((product, each) => product * each, 1);
    return call.add('prelu', [x], { alphaShape }, { alpha: { constant: alpha, shape: [size] } });
  },
};
