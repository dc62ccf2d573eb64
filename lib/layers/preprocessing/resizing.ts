import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { LAYER_SCHEMA, Layer, type LayerOptions } from '../base-layer.js';
import { opShape } from '../op-shape.js';
import { count, flag, interpolation } from '../options/kinds.js';
import { type FieldsOf, optional, required, type SchemaOf } from '../options/schema.js';
import { type Interpolation, lowerResize } from '../reshaping/lower-resize.js';

export interface ResizingOptions extends LayerOptions {
  /** Height of the output. */
  height: number;
  /** Width of the output. */
  width: number;
  /** How values between pixels are interpolated. Default 'bilinear'. */
  interpolation?: Interpolation;
  /**
   * Whether to crop the image to the output's aspect ratio first, around its center, instead of distorting
   * it. Default false.
   */
  cropToAspectRatio?: boolean;
}

const RESIZING_SCHEMA = {
  height: required(count),
  width: required(count),
  interpolation: optional(interpolation, 'bilinear'),
  cropToAspectRatio: optional(flag, false),
};

export interface Resizing extends FieldsOf<typeof RESIZING_SCHEMA> {}

/**
 * Resizes images: [h, w, c] becomes [height, width, c].
 *
 * As in Keras, pixel centers are at half-integers: output row o samples the input at row (o + 0.5) * h /
 * height - 0.5. There is no antialiasing, which is Keras's default too.
 *
 * In a layer of a TF.js file, row o samples o * (h - 1) / (height - 1). With cropToAspectRatio, which crops
 * nothing there, it samples o * h / height.
 */
export class Resizing extends Layer {
  static override readonly className: string = 'Resizing';
  static override readonly schema: SchemaOf<ResizingOptions> = { ...LAYER_SCHEMA, ...RESIZING_SCHEMA };
  static override readonly ignoredConfig = {
    dataFormat: 'channelsLast',
    antialias: false,
    padToAspectRatio: false,
    fillMode: 'constant',
    fillValue: 0,
  };

  constructor(options: ResizingOptions) {
    super(options);
  }

  protected override inferShape(inputShape: Shape): Shape {
    const { interpolation: kind, height, width } = this;
    return opShape(this.checks, 'resize', [inputShape], { kind, size: [height, width] });
  }

  override lower(lowering: Lowering, input: number): number {
    const shape = this.inferShape(lowering.shapeOf(input));
    const kind = this.interpolation;
    if (lowering.formulas === 'tfjs') {
      const corners = this.cropToAspectRatio ? 'topLeft' : 'aligned';
      return lowerResize(lowering, this.name, input, { kind, corners }, shape);
    }
    const image = this.cropToAspectRatio ? this.lowerCrop(lowering, input) : input;
    return lowerResize(lowering, this.name, image, { kind }, shape);
  }

  /** Crops to the largest centered part with the output's aspect ratio, in whole pixels. */
  private lowerCrop(lowering: Lowering, input: number): number {
    const [rows, columns] = lowering.shapeOf(input);
    const fitting = [(columns * this.height) / this.width, (rows * this.width) / this.height];
    const size = [rows, columns].map((cells, axis) =>
      Math.max(1, Math.min(cells, Math.floor(fitting[axis]))),
    );
    if (size[0] === rows && size[1] === columns) return input;
    const before = [rows - size[0], columns - size[1]].map((cells) => Math.floor(cells / 2));
    const after = [rows - size[0] - before[0], columns - size[1] - before[1]];
    return lowering.add({
      name: `${this.name}/crop`,
      op: 'pad',
      inputs: [input],
      attributes: {
        before: [...before.map((cells) => 0 - cells), 0],
        after: [...after.map((cells) => 0 - cells), 0],
      },
    });
  }
}

/** Makes a {@link Resizing} layer. */
export function resizing<const O extends ResizingOptions>(
  options: Given<O, ResizingOptions>,
): Shaped<Resizing, 'resizing', O> {
  return new Resizing(options);
}
