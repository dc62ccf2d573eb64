import type { Attribute, Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import { lowerActivationNode } from '../activations.js';
import { Layer } from '../base-layer.js';

/** A layer that is one activation, of any shape to the same shape. */
export abstract class ActivationLayer extends Layer {
  /**
   * Of the node: its kind and numbers, for an input of this shape.
   * @internal
   */
  abstract attributesFor(inputShape: Shape): Readonly<Record<string, Attribute>>;

  protected override inferShape(inputShape: Shape): Shape {
    return inputShape;
  }

  override lower(lowering: Lowering, input: number): number {
    return lowerActivationNode(lowering, this.name, this.attributesFor(lowering.shapeOf(input)), input);
  }
}
