import { show } from '../../options.js';
import type { AttributesOf, Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { LAYER_SCHEMA, Layer, type LayerOptions } from '../base-layer.js';
import { opShape } from '../op-shape.js';
import { type FieldsOf, type Kind, required, type SchemaOf } from '../options/schema.js';
import { showShape } from '../shapes.js';

export interface PermuteOptions extends LayerOptions {
  /** The input axis for each output axis. Axes count from 1; the batch, axis 0, stays in place. */
  dims: readonly number[];
}

/** The numbers from 1 to the number of axes, in any order. */
const order: Kind<readonly number[]> = {
  read(checks, name, value) {
    const isOrder =
      Array.isArray(value) && value.length > 0 && value.every((_, axis) => value.includes(axis + 1));
    if (!isOrder) {
      checks.fail(
        'INVALID_ARGUMENT',
        `${name} is ${show(value)}; it must list the axes from 1 on in their new order, such as [2, 1, 3].`,
      );
    }
    return [...(value as number[])];
  },
  write: (axes) => [...axes],
};

const PERMUTE_SCHEMA = { dims: required(order) };

export interface Permute extends FieldsOf<typeof PERMUTE_SCHEMA> {}

/** Permutes the axes of each sample: dims [2, 1, 3] transposes [h, w, c] to [w, h, c]. */
export class Permute extends Layer {
  static override readonly className: string = 'Permute';
  static override readonly schema: SchemaOf<PermuteOptions> = { ...LAYER_SCHEMA, ...PERMUTE_SCHEMA };

  constructor(options: PermuteOptions) {
    super(options);
  }

  protected override inferShape(inputShape: Shape): Shape {
    if (inputShape.length !== this.dims.length) {
      this.checks.fail(
        'SHAPE_MISMATCH',
        `the input is ${showShape(inputShape)}, dims [${this.dims.join(', ')}]; there must be one for each axis.`,
      );
    }
    return opShape(this.checks, 'permute', [inputShape], this.#attributes);
  }

  get #attributes(): AttributesOf<'permute'> {
    return { axes: this.dims.map((axis) => axis - 1) };
  }

  override lower(lowering: Lowering, input: number): number {
    return lowering.add({ name: this.name, op: 'permute', inputs: [input], attributes: this.#attributes });
  }
}

/** Makes a {@link Permute} layer. */
export function permute<const O extends PermuteOptions>(
  options: Given<O, PermuteOptions>,
): Shaped<Permute, 'permute', O> {
  return new Permute(options);
}
