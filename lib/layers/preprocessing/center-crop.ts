import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { LAYER_SCHEMA, Layer, type LayerOptions } from '../base-layer.js';
import { count } from '../options/kinds.js';
import { type FieldsOf, required, type SchemaOf } from '../options/schema.js';
import { checkImage, lowerResize } from '../reshaping/lower-resize.js';
import { showShape } from '../shapes.js';

export interface CenterCropOptions extends LayerOptions {
  /** Rows of the result. */
  height: number;
  /** Columns of the result. */
  width: number;
}

const CENTER_CROP_SCHEMA = {
  height: required(count),
  width: required(count),
};

export interface CenterCrop extends FieldsOf<typeof CENTER_CROP_SCHEMA> {}

/**
 * The middle of images: [h, w, c] becomes [height, width, c]; of an odd number of rows or columns that are left out, the odd one is
 * at the bottom or right. SHAPE_MISMATCH for images that are smaller (Keras resizes those). In a layer of a TF.js file they are resized
 * as UpSampling2D does, and of one column too many it is the left one that is left out.
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
    if (this.isLarger(inputShape) && this.formulas === 'keras') {
      this.checks.fail(
        'SHAPE_MISMATCH',
        `images of ${showShape(inputShape)} have no middle of ${this.height}x${this.width}; put a resizing layer before.`,
      );
    }
    return [this.height, this.width, inputShape[2]];
  }

  /** Than an image of this shape, on some side. */
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
    // Of one column too many TF.js leaves out the left one.
    if (lowering.formulas === 'tfjs' && inputShape[1] === this.width + 1) before[1] = -1;
    const after = shape.map((size, axis) => size - inputShape[axis] - before[axis]);
    return lowering.add({ name: this.name, op: 'pad', inputs: [input], attributes: { before, after } });
  }
}

/** The middle of images: see CenterCrop. */
export function centerCrop<const O extends CenterCropOptions>(
  options: Given<O, CenterCropOptions>,
): Shaped<CenterCrop, 'centerCrop', O> {
  return new CenterCrop(options);
}
