import { show } from '../../options.js';
import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { LAYER_SCHEMA, Layer, type LayerOptions } from '../base-layer.js';
import { type FieldsOf, type Kind, required, type SchemaOf } from '../options/schema.js';
import { elementCount, showShape } from '../shapes.js';

export interface ReshapeOptions extends LayerOptions {
  /** The output's shape without the batch. One size may be -1 or null: it is inferred from the others. */
  targetShape: readonly (number | null)[];
}

/** Kept with -1 for the inferred size. */
const target: Kind<readonly (number | null)[], Shape> = {
  read(checks, name, value) {
    if (!Array.isArray(value) || value.length === 0) {
      return checks.fail(
        'INVALID_ARGUMENT',
        `${name} is ${show(value)}; it must be a list of sizes, such as [28, 28, 1].`,
      );
    }
    const shape = value.map((size: unknown, axis: number) =>
      size === null || size === -1 ? -1 : checks.whole(`${name}[${axis}]`, size, 1),
    );
    if (shape.filter((size) => size === -1).length > 1) {
      checks.fail('INVALID_ARGUMENT', `${name} is ${show(value)}; only one size can be left open.`);
    }
    return shape;
  },
  write: (shape) => [...shape],
};

const RESHAPE_SCHEMA = { targetShape: required(target) };

export interface Reshape extends FieldsOf<typeof RESHAPE_SCHEMA> {}

/**
 * Reshapes each sample, in row-major order: targetShape [4, -1] makes [4, 3] of [12]. Throws SHAPE_MISMATCH
 * if the number of elements differs.
 */
export class Reshape extends Layer {
  static override readonly className: string = 'Reshape';
  static override readonly schema: SchemaOf<ReshapeOptions> = { ...LAYER_SCHEMA, ...RESHAPE_SCHEMA };

  constructor(options: ReshapeOptions) {
    super(options);
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
    return lowering.add({ name: this.name, op: 'reshape', inputs: [input], attributes: { shape } });
  }
}

/** Makes a {@link Reshape} layer. */
export function reshape<const O extends ReshapeOptions>(
  options: Given<O, ReshapeOptions>,
): Shaped<Reshape, 'reshape', O> {
  return new Reshape(options);
}
