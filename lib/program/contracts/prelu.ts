import { broadcastable } from './broadcastable.js';
import { sizeOf, showShape, sameShape, type Shape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';

/** Attributes of `prelu`. */
export interface PreluAttributes {
  /**
   * A shape with the input's number of axes, each of the input's size or 1. Elements along an axis of size 1
   * share one alpha.
   */
  alphaShape: Shape;
}

/**
 * x where x > 0, otherwise alpha * x (He et al.: Delving deep into rectifiers, 2015). The parameter alpha is
 * a vector of the elements of alphaShape.
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
