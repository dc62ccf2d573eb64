import type { ActivationAttributes } from '../../program/contracts/index.js';
import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import { lowerActivationNode } from '../activations.js';
import { Layer } from '../base-layer.js';
import { opShape } from '../op-shape.js';

/** A layer that applies one activation function. The output has the input's shape. */
export abstract class ActivationLayer extends Layer {
  /**
   * The attributes of the activation node for an input of this shape.
   * @internal
   */
  abstract attributesFor(inputShape: Shape): ActivationAttributes;

  protected override inferShape(inputShape: Shape): Shape {
    return opShape(this.checks, 'activation', [inputShape], this.attributesFor(inputShape));
  }

  override lower(lowering: Lowering, input: number): number {
    return lowerActivationNode(lowering, this.name, this.attributesFor(lowering.shapeOf(input)), input);
  }
}
