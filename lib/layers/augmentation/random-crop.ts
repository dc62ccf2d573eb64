import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { count } from '../options/kinds.js';
import { type FieldsOf, required, type SchemaOf } from '../options/schema.js';
import { lowerResize } from '../reshaping/lower-resize.js';
import { RANDOM_IMAGE_SCHEMA, RandomImageLayer, type RandomImageOptions } from './base-random-image.js';

/** Options of {@link RandomCrop}. */
export interface RandomCropOptions extends RandomImageOptions {
  /** Height of the output. */
  height: number;
  /** Width of the output. */
  width: number;
}

const RANDOM_CROP_SCHEMA = {
  height: required(count),
  width: required(count),
};

export interface RandomCrop extends FieldsOf<typeof RANDOM_CROP_SCHEMA> {}

/**
 * Crops images at random: [h, w, c] becomes [height, width, c].
 *
 * In training each image is cropped at its own random place. (Keras draws one place per batch.) Outside
 * training, and for images smaller than the output, the layer takes the largest centered part with the aspect
 * ratio height : width and resizes it bilinearly.
 */
export class RandomCrop extends RandomImageLayer {
  static override readonly className: string = 'RandomCrop';
  static override readonly schema: SchemaOf<RandomCropOptions> = {
    ...RANDOM_IMAGE_SCHEMA,
    ...RANDOM_CROP_SCHEMA,
  };

  constructor(options: RandomCropOptions) {
    super(options);
  }

  protected override inferShape(inputShape: Shape): Shape {
    const [, , channels] = super.inferShape(inputShape);
    return [this.height, this.width, channels];
  }

  protected override lowerDraws(lowering: Lowering, input: number): number {
    const inputShape = lowering.shapeOf(input);
    if (inputShape[0] < this.height || inputShape[1] < this.width)
      return this.lowerOutsideTraining(lowering, input);
    return lowering.add({
      name: this.name,
      op: 'randomCrop',
      inputs: [input],
      attributes: { size: [this.height, this.width], ...this.drawsFrom(lowering) },
    });
  }

  protected override lowerOutsideTraining(lowering: Lowering, input: number): number {
    const inputShape = lowering.shapeOf(input);
    const center = this.lowerCenterCrop(lowering, input, inputShape);
    return lowerResize(
      lowering,
      this.name,
      center,
      { kind: 'bilinear' },
      this.computeOutputShape(inputShape),
    );
  }

  /** Crops to the largest centered part with the output's aspect ratio. */
  private lowerCenterCrop(lowering: Lowering, input: number, [rows, columns, channels]: Shape): number {
    const limit = (cells: number, size: number) => Math.max(Math.min(cells, Math.floor(size)), 1);
    const shape = [
      limit(rows, (columns * this.height) / this.width),
      limit(columns, (rows * this.width) / this.height),
      channels,
    ];
    const excess = [rows - shape[0], columns - shape[1], 0];
    const before = excess.map((cells) => -Math.floor(cells / 2));
    const after = excess.map((cells, axis) => -cells - before[axis]);
    return lowering.add({
      name: `${this.name}/middle`,
      op: 'pad',
      inputs: [input],
      attributes: { before, after },
    });
  }
}

/** Makes a {@link RandomCrop} layer. */
export function randomCrop<const O extends RandomCropOptions>(
  options: Given<O, RandomCropOptions>,
): Shaped<RandomCrop, 'randomCrop', O> {
  return new RandomCrop(options);
}
