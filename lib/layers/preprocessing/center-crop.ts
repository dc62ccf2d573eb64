import { checkImage } from '../../program/contracts/window.js';
import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { LAYER_SCHEMA, Layer, type LayerOptions } from '../base-layer.js';
import { count } from '../options/kinds.js';
import { type FieldsOf, required, type SchemaOf } from '../options/schema.js';
import { lowerResize } from '../reshaping/lower-resize.js';
import { showShape } from '../shapes.js';

export interface CenterCropOptions extends LayerOptions {
  /** Height of the output. */
  height: number;
  /** Width of the output. */
  width: number;
}

const CENTER_CROP_SCHEMA = {
  height: required(count),
  width: required(count),
};

export interface CenterCrop extends FieldsOf<typeof CENTER_CROP_SCHEMA> {}

/**
 * Crops images to their center: [h, w, c] becomes [height, width, c]. If an odd number of rows or columns is
 * cut, one more is cut at the bottom or right.
 *
 * Throws SHAPE_MISMATCH for smaller images (Keras resizes them). Layers of a TF.js file behave as TF.js: they
 * resize smaller images as UpSampling2D does, and cut a single extra column at the left.
 */
export class CenterCrop extends Layer {
  static override readonly className: string = 'CenterCrop';
  static override readonly schema: SchemaOf<CenterCropOptions> = { ...LAYER_SCHEMA, ...CENTER_CROP_SCHEMA };
  static override readonly ignoredConfig = { dataFormat: 'channelsLast' };

  constructor(options: CenterCropOptions) {
    super(options);
  }

  protected override inferShape(inputShape: Shape): Shape {
    checkImage(this.checks, inputShape);
    if (this.isLarger(inputShape) && this.formulas !== 'tfjs') {
      this.checks.fail(
        'SHAPE_MISMATCH',
        `images of ${showShape(inputShape)} are smaller than the crop of ${this.height}x${this.width}; put a resizing layer before.`,
      );
    }
    return [this.height, this.width, inputShape[2]];
  }

  /** Whether the crop is larger than an image of this shape along either axis. */
  private isLarger([rows, columns]: Shape): boolean {
    return rows < this.height || columns < this.width;
  }

  override lower(lowering: Lowering, input: number): number {
    const inputShape = lowering.shapeOf(input);
    const shape = this.inferShape(inputShape);
    if (this.isLarger(inputShape)) {
      return lowerResize(lowering, this.name, input, { kind: 'bilinear', corners: 'topLeft' }, shape);
    }
    const before = shape.map((size, axis) => -Math.floor((inputShape[axis] - size) / 2));
    // TF.js cuts a single extra column at the left.
    if (lowering.formulas === 'tfjs' && inputShape[1] === this.width + 1) before[1] = -1;
    const after = shape.map((size, axis) => size - inputShape[axis] - before[axis]);
    return lowering.add({ name: this.name, op: 'pad', inputs: [input], attributes: { before, after } });
  }
}

/** Makes a {@link CenterCrop} layer. */
export function centerCrop<const O extends CenterCropOptions>(
  options: Given<O, CenterCropOptions>,
): Shaped<CenterCrop, 'centerCrop', O> {
  return new CenterCrop(options);
}
