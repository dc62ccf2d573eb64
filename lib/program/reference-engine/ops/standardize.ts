import type { NodeDescription, Shape } from '../../description.js';
import { checkAttributes, checkNoParameters, fail, show } from '../checks.js';
import type { Op } from '../op.js';

function valuesOf(node: NodeDescription, name: string, input: Shape): readonly number[] {
  const values = node.attributes[name];
  const channels = input[input.length - 1];
  if (!Array.isArray(values) || !values.every((value) => Number.isFinite(Math.fround(value)))) {
    fail(node, 'INVALID_ARGUMENT', `${name} is ${show(values)}; it must be a list of finite numbers.`);
  }
  if (values.length !== channels) {
    fail(node, 'SHAPE_MISMATCH', `${name} has ${values.length} numbers; ${show(input)} needs ${channels}.`);
  }
  return values;
}

export const standardize: Op = {
  outputShape(node, input) {
    checkAttributes(node, ['mean', 'scale']);
    checkNoParameters(node);
    for (const name of ['mean', 'scale']) valuesOf(node, name, input);
    return input;
  },
  forward({ node, inputShape, input, output }) {
    const mean = valuesOf(node, 'mean', inputShape);
    const scale = valuesOf(node, 'scale', inputShape);
    for (let i = 0; i < input.length; i++) {
      const c = i % mean.length;
      output[i] = (input[i] - Math.fround(mean[c])) * Math.fround(scale[c]);
    }
  },
  backward({ node, inputShape, outputGradient, inputGradient }) {
    const scale = valuesOf(node, 'scale', inputShape);
    for (let i = 0; i < inputGradient.length; i++) {
      inputGradient[i] = outputGradient[i] * Math.fround(scale[i % scale.length]);
    }
  },
};
