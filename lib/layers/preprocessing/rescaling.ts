import type { Shape } from '../../program/description.js';
import type { Lowering } from '../../program/lower.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { LAYER_OPTIONS, Layer, type LayerOptions, type OptionNames } from '../base-layer.js';
import type { LayerConfig } from '../config.js';

export interface RescalingOptions extends LayerOptions {
  /** What each element is multiplied by. */
  scale: number;
  /** Default 0. */
  offset?: number;
}

/** x * scale + offset: with scale 1/255, bytes become numbers in [0, 1]. */
export class Rescaling extends Layer {
  static override readonly className: string = 'Rescaling';
  static override readonly optionNames: OptionNames<RescalingOptions> = {
    ...LAYER_OPTIONS,
    scale: true,
    offset: true,
  };

  readonly scale: number;
  readonly offset: number;

  constructor(options: RescalingOptions) {
    super(options);
    const any = () => true;
    this.scale = this.checks.number('scale', options.scale, any, 'a finite number');
    this.offset = this.checks.number('offset', options.offset ?? 0, any, 'a finite number');
  }

  protected override inferShape(inputShape: Shape): Shape {
    return inputShape;
  }

  override lower(lowering: Lowering, input: number): number {
    return lowering.add({
      name: this.name,
      op: 'rescaling',
      inputs: [input],
      attributes: { scale: this.scale, offset: this.offset },
      shape: lowering.shapeOf(input),
    });
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), scale: this.scale, offset: this.offset };
  }
}

/** Scales and shifts its input: see Rescaling. */
export function rescaling<const O extends RescalingOptions>(
  options: Given<O, RescalingOptions>,
): Shaped<Rescaling, 'rescaling', O> {
  return new Rescaling(options);
}
