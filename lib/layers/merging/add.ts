import type { Shape } from '../../program/description.js';
import type { Lowering } from '../../program/lower.js';
import { Layer, type LayerOptions } from '../base-layer.js';
import { sameShape, showShape } from '../shapes.js';

/** The elementwise sum of two or more inputs of one shape. */
export class Add extends Layer {
  static override readonly className: string = 'Add';
  override readonly takesSeveral = true;

  override computeOutputShape(first: Shape, ...others: Shape[]): Shape {
    const odd = others.find((shape) => !sameShape(shape, first));
    if (odd) {
      this.checks.fail(
        'SHAPE_MISMATCH',
        `it adds values of one shape, not ${showShape(first)} and ${showShape(odd)}.`,
      );
    }
    return first;
  }

  override lower(lowering: Lowering, ...inputs: number[]): number {
    return lowering.add({ name: this.name, op: 'add', inputs, shape: lowering.shapeOf(inputs[0]) });
  }
}

/** A sum of several inputs: see Add. */
export function add(options: LayerOptions = {}): Add {
  return new Add(options);
}
