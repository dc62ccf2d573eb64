import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { LAYER_SCHEMA, Layer, type LayerOptions } from '../base-layer.js';
import { finite } from '../options/kinds.js';
import { type FieldsOf, type Kind, optional, required, type SchemaOf } from '../options/schema.js';

export interface RescalingOptions extends LayerOptions {
  /** Factor: one number, or one for each element of the last axis. */
  scale: number | readonly number[];
  /** Offset, added after the multiplication, as scale. Default 0. */
  offset?: number | readonly number[];
}

const numbers: Kind<RescalingOptions['scale']> = {
  read(checks, name, value) {
    const number = (each: unknown) => finite.read(checks, name, each);
    return Array.isArray(value) ? value.map(number) : number(value);
  },
  write: (values) => (typeof values === 'number' ? values : [...values]),
};

const RESCALING_SCHEMA = {
  scale: required(numbers),
  offset: optional(numbers, 0),
};

export interface Rescaling extends FieldsOf<typeof RESCALING_SCHEMA> {}

/**
 * Rescales inputs: x * scale + offset. The scale 1 / 255 maps bytes to [0, 1]; the scale 1 / 127.5 and the
 * offset -1 map them to [-1, 1]. The output has the input's shape.
 *
 * A list has a number for each element of the last axis (channels, features). Throws SHAPE_MISMATCH for a
 * list of another length.
 */
export class Rescaling extends Layer {
  static override readonly className: string = 'Rescaling';
  static override readonly schema: SchemaOf<RescalingOptions> = { ...LAYER_SCHEMA, ...RESCALING_SCHEMA };

  constructor(options: RescalingOptions) {
    super(options);
  }

  protected override inferShape(inputShape: Shape): Shape {
    const channels = inputShape[inputShape.length - 1];
    for (const [name, values] of Object.entries({ scale: this.scale, offset: this.offset })) {
      if (typeof values === 'number' || values.length === channels) continue;
      this.checks.fail(
        'SHAPE_MISMATCH',
        `${name} has ${values.length} numbers; the input's last axis has ${channels ?? 'none'}.`,
      );
    }
    return inputShape;
  }

  override lower(lowering: Lowering, input: number): number {
    const { name, scale, offset } = this;
    const shape = lowering.shapeOf(input);
    if (typeof scale === 'number' && typeof offset === 'number') {
      return lowering.add({ name, op: 'rescaling', inputs: [input], attributes: { scale, offset } });
    }
    // Two ops, so that product and sum are rounded separately, as in the op `rescaling`.
    const each = (values: number | readonly number[]) =>
      typeof values === 'number' ? new Array<number>(shape[shape.length - 1]).fill(values) : values;
    const product = lowering.add({
      name: `${name}/scale`,
      op: 'standardize',
      inputs: [input],
      attributes: { mean: each(0), scale: each(scale) },
    });
    return lowering.add({
      name,
      op: 'standardize',
      inputs: [product],
      attributes: { mean: each(offset).map((value) => 0 - value), scale: each(1) },
    });
  }
}

/** Makes a {@link Rescaling} layer. */
export function rescaling<const O extends RescalingOptions>(
  options: Given<O, RescalingOptions>,
): Shaped<Rescaling, 'rescaling', O> {
  return new Rescaling(options);
}
