import { broadcastable } from './broadcastable.js';
import { sizeOf, showShape, sameShape, type Shape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';

/** Attributes of `prelu`. */
export interface PreluAttributes {
  /** The input's axes, each of the input's size or 1: one alpha then serves all along the axis. */
  alphaShape: Shape;
}

/**
 * x where x > 0, elsewhere alpha * x (He et al.: Delving deep into rectifiers, 2015). The parameter alpha is a vector of
 * the elements of a value of alphaShape.
 */
export const prelu: Contract<PreluAttributes, 'alpha'> = {
  inputs: 'one',
  attributes: { alphaShape: 'required' },
  parameters: { alpha: 'required' },
  outputShapes(query) {
    const [input] = query.inputs;
    const { alpha = [] } = query.parameters;
    const { alphaShape } = query.attributes;
    if (input.length === 0) query.fail('SHAPE_MISMATCH', 'prelu needs an input with an axis, not [].');
    broadcastable(query, 'alphaShape', alphaShape, input);
    const elements = sizeOf(alphaShape);
    if (!sameShape(alpha, [elements]))
      query.fail('SHAPE_MISMATCH', `alpha has shape ${showShape(alpha)}; it must be [${elements}].`);
    return [input];
  },
};
