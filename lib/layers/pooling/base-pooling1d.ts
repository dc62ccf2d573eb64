import { show } from '../../options.js';
import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import { LAYER_OPTIONS, Layer, type LayerOptions, type OptionNames } from '../base-layer.js';
import type { LayerConfig } from '../config.js';
import { checkSequence, imageShape, lowerAsImage } from '../reshaping/sequences.js';
import { checkDataFormat, inferWindows, type WindowShape } from '../windows.js';

export interface Pooling1DOptions extends LayerOptions {
  /** Steps of a window. Default 2. */
  poolSize?: number | readonly [number];
  /** Steps from one window to the next. Default poolSize. */
  strides?: number | readonly [number];
  /** Default 'valid'. Padded steps take no part. */
  padding?: 'valid' | 'same';
  /** Only 'channelsLast'. */
  dataFormat?: 'channelsLast';
}

/** Makes one number of each window of each channel of a sequence [steps, channels]: floor((I - P + pads) / stride) + 1 steps. */
export abstract class Pooling1D extends Layer {
  static override readonly optionNames: OptionNames<Pooling1DOptions> = {
    ...LAYER_OPTIONS,
    poolSize: true,
    strides: true,
    padding: true,
    dataFormat: true,
  };

  readonly poolSize: number;
  readonly strides: number;
  readonly padding: 'valid' | 'same';

  protected abstract readonly kind: 'max' | 'average' | 'sum';

  constructor(options: Pooling1DOptions = {}) {
    super(options);
    this.poolSize = this.checks.whole('poolSize', single(options.poolSize ?? 2), 1);
    this.strides = this.checks.whole('strides', single(options.strides ?? this.poolSize), 1);
    const padding = options.padding ?? 'valid';
    if (padding !== 'valid' && padding !== 'same') {
      this.checks.fail('INVALID_ARGUMENT', `padding is ${show(padding)}; it must be 'valid' or 'same'.`);
    }
    this.padding = padding;
    checkDataFormat(this.checks, options.dataFormat);
  }

  protected override inferShape(inputShape: Shape): Shape {
    checkSequence(this.checks, inputShape);
    return [this.windows(inputShape).output[0], inputShape[1]];
  }

  override lower(lowering: Lowering, input: number): number {
    const inputShape = lowering.shapeOf(input);
    const [steps, channels] = this.inferShape(inputShape);
    return lowerAsImage(lowering, this.name, input, (image) =>
      lowering.add({
        name: this.name,
        op: 'pool2d',
        inputs: [image],
        attributes: {
          kind: this.kind,
          size: [this.poolSize, 1],
          strides: [this.strides, 1],
          padding: this.windows(inputShape).padding,
        },
        shape: [steps, 1, channels],
      }),
    );
  }

  override getConfig(): LayerConfig {
    const { poolSize, strides, padding } = this;
    return { ...super.getConfig(), poolSize, strides, padding, dataFormat: 'channelsLast' };
  }

  private windows(inputShape: Shape): WindowShape {
    const options = {
      what: 'pool',
      size: [this.poolSize, 1] as const,
      strides: [this.strides, 1] as const,
      dilation: [1, 1] as const,
      padding: this.padding,
    };
    return inferWindows(this.checks, options, imageShape(inputShape));
  }
}

/** Saved models have a list of one. */
export function single(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value;
}
