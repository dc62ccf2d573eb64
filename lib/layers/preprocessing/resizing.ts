import type { Shape } from '../../program/description.js';
import type { Lowering } from '../../program/lower.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { LAYER_OPTIONS, Layer, type LayerOptions, type OptionNames } from '../base-layer.js';
import type { LayerConfig } from '../config.js';
import { checkImage, type Interpolation, lowerResize, readInterpolation } from '../reshaping/lower-resize.js';

export interface ResizingOptions extends LayerOptions {
  height: number;
  width: number;
  /** Default 'bilinear'. */
  interpolation?: Interpolation;
}

/**
 * Images of a given size: [h, w, c] becomes [height, width, c]. As Keras' Resizing, cells' centres are at halves: output row o lies
 * at (o + 0.5) * h / height - 0.5. There is no antialiasing, which is Keras' default too.
 */
export class Resizing extends Layer {
  static override readonly className: string = 'Resizing';
  static override readonly optionNames: OptionNames<ResizingOptions> = {
    ...LAYER_OPTIONS,
    height: true,
    width: true,
    interpolation: true,
  };

  readonly height: number;
  readonly width: number;
  readonly interpolation: Interpolation;

  constructor(options: ResizingOptions) {
    super(options);
    this.height = this.checks.whole('height', options.height, 1);
    this.width = this.checks.whole('width', options.width, 1);
    this.interpolation = readInterpolation(this.checks, options.interpolation ?? 'bilinear');
  }

  override computeOutputShape(inputShape: Shape): Shape {
    checkImage(this.checks, inputShape);
    return [this.height, this.width, inputShape[2]];
  }

  override lower(lowering: Lowering, input: number): number {
    const shape = this.computeOutputShape(lowering.shapeOf(input));
    return lowerResize(lowering, this.name, input, this.interpolation, shape);
  }

  override getConfig(): LayerConfig {
    const { height, width, interpolation } = this;
    return { ...super.getConfig(), height, width, interpolation };
  }
}

/** Images of a given size: see Resizing. */
export function resizing<const O extends ResizingOptions>(
  options: Given<O, ResizingOptions>,
): Shaped<Resizing, 'resizing', O> {
  return new Resizing(options);
}
