import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import { show } from '../../options.js';
import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { type FieldsOf, type Kind, optional, type SchemaOf } from '../options/schema.js';
import { showShape } from '../shapes.js';
import { readAxis } from './axes.js';
import { BaseNormalization, NORMALIZATION_SCHEMA, type NormalizationOptions } from './base-normalization.js';

/** Options of {@link LayerNormalization}. */
export interface LayerNormalizationOptions extends NormalizationOptions {
  /**
   * The axis to normalize over, or a list of axes: they must be the last ones. The batch is axis 0; negative
   * axes count from the end. Default -1.
   */
  axis?: number | readonly number[];
}

const lastAxes: Kind<number | readonly number[]> = {
  read(checks, name, value) {
    const axes = (Array.isArray(value) ? value : [value]).map((each: unknown) => readAxis(checks, each));
    if (axes.length === 0) {
      checks.fail('INVALID_ARGUMENT', `${name} is []; give -1, or a list of the last axes.`);
    }
    return Array.isArray(value) ? axes : axes[0];
  },
};

const AXIS_SCHEMA = { axis: optional(lastAxes, -1) };

export interface LayerNormalization extends FieldsOf<typeof AXIS_SCHEMA> {}

/**
 * Layer normalization: gamma * (x - mean) / sqrt(variance + epsilon) + beta, with mean and variance over the
 * last axis, or the last axes, of each sample. It computes the same in training and prediction and doesn't
 * depend on the batch. The output has the input's shape.
 *
 * Weights: gamma and beta, with the shape of these axes.
 *
 * Ba, Kiros and Hinton: Layer Normalization, 2016.
 *
 * @throws UNSUPPORTED when it is applied, for axes that aren't the last.
 */
export class LayerNormalization extends BaseNormalization {
  static override readonly className: string = 'LayerNormalization';
  static override readonly schema: SchemaOf<LayerNormalizationOptions> = {
    ...NORMALIZATION_SCHEMA,
    ...AXIS_SCHEMA,
  };
  static override readonly ignoredConfig = { rmsScaling: false };

  constructor(options: LayerNormalizationOptions = {}) {
    super(options);
  }

  protected override scalingShape(inputShape: Shape): Shape {
    const rank = inputShape.length + 1;
    const axes = [this.axis].flat().map((axis) => (axis < 0 ? axis + rank : axis));
    const last = axes.map((_, i) => rank - axes.length + i);
    if (axes.length > inputShape.length || last.some((axis) => !axes.includes(axis))) {
      this.checks.fail(
        'UNSUPPORTED',
        `axis is ${show(this.axis)}, but what is normalized over must be the last axes of an input ${showShape(inputShape)}, such as -1 or [-2, -1].`,
      );
    }
    return inputShape.slice(-axes.length);
  }

  override lower(lowering: Lowering, input: number): number {
    const shape = lowering.shapeOf(input);
    return lowering.add({
      name: this.name,
      op: 'layerNormalization',
      inputs: [input],
      attributes: { epsilon: this.epsilon, axes: this.scalingShape(shape).length },
      parameters: this.lowerParameters(shape),
    });
  }
}

/** Makes a {@link LayerNormalization} layer. */
export function layerNormalization<const O extends LayerNormalizationOptions = NoOptions>(
  options?: Given<O, LayerNormalizationOptions>,
): Shaped<LayerNormalization, 'layerNormalization', O> {
  return new LayerNormalization(options);
}
