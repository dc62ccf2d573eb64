import { show } from '../../options.js';
import type { ActivationAttributes } from '../../program/contracts/index.js';
import type { Shape } from '../../program/description.js';
import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { LAYER_SCHEMA, type LayerOptions } from '../base-layer.js';
import { type FieldsOf, type Kind, optional, type SchemaOf } from '../options/schema.js';
import { showShape } from '../shapes.js';
import { ActivationLayer } from './base-activation.js';

export interface SoftmaxOptions extends LayerOptions {
  /**
   * The axis whose elements sum to 1. The batch is axis 0; a negative axis counts from the end. Default -1.
   */
  axis?: number;
}

const axis: Kind<number> = {
  read(checks, name, value) {
    if (Number.isSafeInteger(value) && value !== 0) return value as number;
    return checks.fail(
      'INVALID_ARGUMENT',
      `${name} is ${show(value)}; it must be a whole number other than 0, which is the batch.`,
    );
  },
};

const SOFTMAX_SCHEMA = { axis: optional(axis, -1) };

export interface Softmax extends FieldsOf<typeof SOFTMAX_SCHEMA> {}

/**
 * Softmax: e^x / sum(e^x), the sum being along an axis. The outputs along it are positive and sum to 1, so
 * they can serve as class probabilities. The output has the input's shape.
 *
 * Throws SHAPE_MISMATCH if the input lacks the axis.
 */
export class Softmax extends ActivationLayer {
  static override readonly className: string = 'Softmax';
  static override readonly schema: SchemaOf<SoftmaxOptions> = { ...LAYER_SCHEMA, ...SOFTMAX_SCHEMA };

  constructor(options: SoftmaxOptions = {}) {
    super(options);
  }

  /** The axis without the batch, counted from 0. */
  private sampleAxis(inputShape: Shape): number {
    const axis = this.axis < 0 ? inputShape.length + this.axis : this.axis - 1;
    if (axis < 0 || axis >= inputShape.length) {
      this.checks.fail(
        'SHAPE_MISMATCH',
        `axis is ${this.axis}, but a batch of ${showShape(inputShape)} has ${inputShape.length + 1} axes, the first the batch.`,
      );
    }
    return axis;
  }

  /** @internal */
  override attributesFor(inputShape: Shape): ActivationAttributes {
    return { kind: 'softmax', axis: this.sampleAxis(inputShape) };
  }
}

/** Makes a {@link Softmax} layer. */
export function softmax<const O extends SoftmaxOptions = NoOptions>(
  options?: Given<O, SoftmaxOptions>,
): Shaped<Softmax, 'softmax', O> {
  return new Softmax(options);
}
