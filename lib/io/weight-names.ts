import type { LayersModel } from '../models/index.js';
import type { Shape } from '../program/description.js';

export interface NamedShape {
  /** "conv2d_1/kernel" */
  name: string;
  shape: Shape;
}

/** The model's weights in the order in which they are read and written, with the names that files give them. */
export function namedWeights(model: LayersModel): NamedShape[] {
  return model.layers.flatMap((layer) =>
    layer.weights.map(({ name, shape }) => ({ name: `${layer.name}/${name}`, shape })),
  );
}
