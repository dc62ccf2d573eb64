import type { Initializer } from '../../initializers/index.js';
import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import type { OptionNames } from '../base-layer.js';
import { KERNEL_LAYER_OPTIONS, KernelLayer, type KernelLayerOptions } from '../base-kernel-layer.js';
import type { LayerConfig } from '../config.js';
import { withInputShape } from './input-sizes.js';

/** Options of {@link Dense}. */
export interface DenseOptions extends KernelLayerOptions {
  /** Length of the output's last axis. */
  units: number;
  /** Another way to give inputShape: [inputDim]. */
  inputDim?: number;
}

/** x * kernel + bias over the last axis: [..., inputs] to [..., units], kernel [inputs, units]. */
export class Dense extends KernelLayer {
  static override readonly className: string = 'Dense';
  static override readonly optionNames: OptionNames<DenseOptions> = {
    ...KERNEL_LAYER_OPTIONS,
    units: true,
    inputDim: true,
  };

  readonly units: number;

  constructor(options: DenseOptions) {
    super(withInputShape('dense', options, 'inputDim'), options?.kernelInitializer);
    this.units = this.checks.whole('units', options.units, 1);
  }

  get kernelInitializer(): Initializer {
    return this.initializerOfKernel;
  }

  protected override inferShape(inputShape: Shape): Shape {
    return [...inputShape.slice(0, -1), this.units];
  }

  protected override kernelShape(inputShape: Shape): Shape {
    return [inputShape[inputShape.length - 1], this.units];
  }

  override lower(lowering: Lowering, input: number): number {
    const inputShape = lowering.shapeOf(input);
    const product = lowering.add({
      name: this.name,
      op: 'dense',
      inputs: [input],
      parameters: this.lowerParameters(inputShape),
      shape: this.inferShape(inputShape),
    });
    return this.lowerOwnActivation(lowering, product);
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), units: this.units };
  }
}

/** A fully connected layer: see Dense. */
export function dense<const O extends DenseOptions>(
  options: Given<O, DenseOptions>,
): Shaped<Dense, 'dense', O> {
  return new Dense(options);
}
