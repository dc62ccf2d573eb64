import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { LAYER_OPTIONS, Layer, type LayerOptions, type OptionNames } from '../base-layer.js';
import type { LayerConfig } from '../config.js';
import { elementCount } from '../shapes.js';
import { checkDataFormat } from '../windows.js';

export interface FlattenOptions extends LayerOptions {
  /** Only 'channelsLast'. */
  dataFormat?: 'channelsLast';
}

/** Lays a sample's elements out in one axis, in the order height, width, channels. */
export class Flatten extends Layer {
  static override readonly className: string = 'Flatten';
  static override readonly optionNames: OptionNames<FlattenOptions> = { ...LAYER_OPTIONS, dataFormat: true };

  constructor(options: FlattenOptions = {}) {
    super(options);
    checkDataFormat(this.checks, options.dataFormat);
  }

  protected override inferShape(inputShape: Shape): Shape {
    return [elementCount(inputShape)];
  }

  override lower(lowering: Lowering, input: number): number {
    const shape = this.inferShape(lowering.shapeOf(input));
    return lowering.add({ name: this.name, op: 'reshape', inputs: [input], shape });
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), dataFormat: 'channelsLast' };
  }
}

/** Images to vectors: see Flatten. */
export function flatten<const O extends FlattenOptions = NoOptions>(
  options?: Given<O, FlattenOptions>,
): Shaped<Flatten, 'flatten', O> {
  return new Flatten(options);
}
