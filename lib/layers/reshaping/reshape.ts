import { type OptionChecks, show } from '../../options.js';
import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { LAYER_OPTIONS, Layer, type LayerOptions, type OptionNames } from '../base-layer.js';
import type { LayerConfig } from '../config.js';
import { elementCount, showShape } from '../shapes.js';

export interface ReshapeOptions extends LayerOptions {
  /** Without the batch. One size may be -1 or null: it is worked out from the others. */
  targetShape: readonly (number | null)[];
}

/** The same elements in another shape. */
export class Reshape extends Layer {
  static override readonly className: string = 'Reshape';
  static override readonly optionNames: OptionNames<ReshapeOptions> = { ...LAYER_OPTIONS, targetShape: true };

  /** -1 stands for the size that is worked out. */
  readonly targetShape: Shape;

  constructor(options: ReshapeOptions) {
    super(options);
    const checks: OptionChecks = this.checks;
    const target: unknown = options.targetShape;
    if (!Array.isArray(target) || target.length === 0) {
      checks.fail(
        'INVALID_ARGUMENT',
        `targetShape is ${show(target)}; it must be a list of sizes, such as [28, 28, 1].`,
      );
    }
    this.targetShape = target.map((size: unknown, axis: number) =>
      size === null || size === -1 ? -1 : checks.whole(`targetShape[${axis}]`, size, 1),
    );
    if (this.targetShape.filter((size) => size === -1).length > 1) {
      checks.fail('INVALID_ARGUMENT', `targetShape is ${show(target)}; only one size can be left open.`);
    }
  }

  protected override inferShape(inputShape: Shape): Shape {
    const count = elementCount(inputShape);
    const known = elementCount(this.targetShape.filter((size) => size !== -1));
    const shape = this.targetShape.map((size) => (size === -1 ? count / known : size));
    if (!shape.every(Number.isInteger) || elementCount(shape) !== count) {
      this.checks.fail(
        'SHAPE_MISMATCH',
        `${count} elements of ${showShape(inputShape)} don't fit targetShape [${this.targetShape.join(', ')}].`,
      );
    }
    return shape;
  }

  override lower(lowering: Lowering, input: number): number {
    const shape = this.inferShape(lowering.shapeOf(input));
    return lowering.add({ name: this.name, op: 'reshape', inputs: [input], shape });
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), targetShape: [...this.targetShape] };
  }
}

/** Another shape for the same elements: see Reshape. */
export function reshape<const O extends ReshapeOptions>(
  options: Given<O, ReshapeOptions>,
): Shaped<Reshape, 'reshape', O> {
  return new Reshape(options);
}
