import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { LAYER_SCHEMA, Layer, type LayerOptions } from '../base-layer.js';
import { opShape } from '../op-shape.js';
import { number } from '../options/kinds.js';
import { type DefaultsOf, type FieldsOf, optional, type SchemaOf } from '../options/schema.js';
import { showShape } from '../shapes.js';

export interface ConcatenateOptions extends LayerOptions {
  /**
   * The axis to concatenate along. The batch is axis 0 and can't be chosen; a negative axis counts from the
   * end. Default -1, the channels.
   */
  axis?: number;
}

const isAxis = (axis: number) => Number.isInteger(axis) && axis !== 0;

const CONCATENATE_SCHEMA = {
  axis: optional(number(isAxis, 'a whole number other than 0, the batch'), -1),
};

export interface Concatenate
  extends FieldsOf<typeof CONCATENATE_SCHEMA>,
    DefaultsOf<typeof CONCATENATE_SCHEMA> {}

/**
 * Concatenates two or more inputs along an axis. All other sizes must be equal: [8, 8, 16] and [8, 8, 32]
 * give [8, 8, 48].
 *
 * Throws SHAPE_MISMATCH if they aren't.
 */
export class Concatenate extends Layer {
  static override readonly className: string = 'Concatenate';
  static override readonly schema: SchemaOf<ConcatenateOptions> = { ...LAYER_SCHEMA, ...CONCATENATE_SCHEMA };
  override readonly takesSeveral = true;

  constructor(options: ConcatenateOptions = {}) {
    super(options);
  }

  protected override inferShape(first: Shape, ...others: Shape[]): Shape {
    const axis = this.sampleAxis(first);
    for (const shape of others) {
      const fits = shape.length === first.length && shape.every((size, i) => i === axis || size === first[i]);
      if (!fits) {
        this.checks.fail(
          'SHAPE_MISMATCH',
          `inputs of ${showShape(first)} and ${showShape(shape)} can't be concatenated; all sizes except that of axis ${this.axis} must be equal.`,
        );
      }
    }
    return opShape(this.checks, 'concatenate', [first, ...others], { axis });
  }

  override lower(lowering: Lowering, ...inputs: number[]): number {
    const attributes = { axis: this.sampleAxis(lowering.shapeOf(inputs[0])) };
    return lowering.add({ name: this.name, op: 'concatenate', inputs, attributes });
  }

  /** The axis without the batch, counted from 0. */
  private sampleAxis(shape: Shape): number {
    const axis = this.axis < 0 ? shape.length + this.axis : this.axis - 1;
    if (axis < 0 || axis >= shape.length) {
      this.checks.fail(
        'SHAPE_MISMATCH',
        `there is no axis ${this.axis} in a batch of ${showShape(shape)} but the batch itself.`,
      );
    }
    return axis;
  }
}

/** Makes a {@link Concatenate} layer. */
export function concatenate<const O extends ConcatenateOptions = NoOptions>(
  options?: Given<O, ConcatenateOptions>,
): Shaped<Concatenate, 'concatenate', O> {
  return new Concatenate(options);
}
