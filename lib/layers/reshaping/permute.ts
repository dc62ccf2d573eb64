import { show } from '../../options.js';
import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { LAYER_OPTIONS, Layer, type LayerOptions, type OptionNames } from '../base-layer.js';
import type { LayerConfig } from '../config.js';
import { showShape } from '../shapes.js';

export interface PermuteOptions extends LayerOptions {
  /** For each axis of the output, which of the input's it is. Counted from 1: the batch, 0, stays where it is. */
  dims: readonly number[];
}

/** A sample's axes in another order: dims [2, 1, 3] turns [h, w, c] into [w, h, c]. */
export class Permute extends Layer {
  static override readonly className: string = 'Permute';
  static override readonly optionNames: OptionNames<PermuteOptions> = { ...LAYER_OPTIONS, dims: true };

  readonly dims: readonly number[];

  constructor(options: PermuteOptions) {
    super(options);
    const dims: unknown = options.dims;
    const isOrder =
      Array.isArray(dims) && dims.length > 0 && dims.every((_, axis) => dims.includes(axis + 1));
    if (!isOrder) {
      this.checks.fail(
        'INVALID_ARGUMENT',
        `dims is ${show(dims)}; it must list the axes from 1 on in their new order, such as [2, 1, 3].`,
      );
    }
    this.dims = [...(dims as number[])];
  }

  protected override inferShape(inputShape: Shape): Shape {
    if (inputShape.length !== this.dims.length) {
      this.checks.fail(
        'SHAPE_MISMATCH',
        `the input is ${showShape(inputShape)}, dims [${this.dims.join(', ')}]; there must be one for each axis.`,
      );
    }
    return this.dims.map((axis) => inputShape[axis - 1]);
  }

  override lower(lowering: Lowering, input: number): number {
    return lowering.add({
      name: this.name,
      op: 'permute',
      inputs: [input],
      attributes: { axes: this.dims.map((axis) => axis - 1) },
      shape: this.inferShape(lowering.shapeOf(input)),
    });
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), dims: [...this.dims] };
  }
}

/** Axes in another order: see Permute. */
export function permute<const O extends PermuteOptions>(
  options: Given<O, PermuteOptions>,
): Shaped<Permute, 'permute', O> {
  return new Permute(options);
}
