import type { Shape } from '../../tensor/shapes.js';
import type { ShapeQuery } from './contract.js';
import { checkImage } from './window.js';

/** The output shapes of an op that changes images at random and keeps their shape. */
export function changedImage(query: Pick<ShapeQuery<object>, 'inputs' | 'fail'>): readonly Shape[] {
  checkImage(query, query.inputs[0]);
  return [query.inputs[0]];
}
