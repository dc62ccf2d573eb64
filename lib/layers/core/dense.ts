import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import {
  KERNEL_SCHEMA,
  KernelLayer,
  type KernelLayerOptions,
  kernelLayerSchema,
} from '../base-kernel-layer.js';
import { opShape } from '../op-shape.js';
import { count } from '../options/kinds.js';
import { type FieldsOf, own, required, type SchemaOf } from '../options/schema.js';
import { withInputShape } from './input-sizes.js';

/** Options of {@link Dense}. */
export interface DenseOptions extends KernelLayerOptions {
  /** Size of the output's last axis. */
  units: number;
  /** Shorthand for inputShape: [inputDim]. */
  inputDim?: number;
}

const DENSE_SCHEMA = {
  units: required(count),
  inputDim: own,
};

export interface Dense extends FieldsOf<typeof KERNEL_SCHEMA & typeof DENSE_SCHEMA> {}

/**
 * Fully connected layer: activation(x * kernel + bias), x * kernel being a matrix product. It works along the
 * last axis: [..., inputs] becomes [..., units].
 *
 * Weights: kernel [inputs, units] and bias [units]. 784 inputs and 10 units have 784 * 10 + 10 = 7850
 * weights. Images must be flattened first unless each pixel should be mapped by itself.
 */
export class Dense extends KernelLayer {
  static override readonly className: string = 'Dense';
  static override readonly schema: SchemaOf<DenseOptions> = {
    ...kernelLayerSchema(KERNEL_SCHEMA),
    ...DENSE_SCHEMA,
  };

  constructor(options: DenseOptions) {
    super(withInputShape('dense', options, 'inputDim'));
  }

  protected override inferShape(inputShape: Shape): Shape {
    return opShape(this.checks, 'dense', [inputShape], {}, { kernel: this.kernelShape(inputShape) });
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
    });
    return this.lowerOwnActivation(lowering, product);
  }
}

/** Makes a {@link Dense} layer. */
export function dense<const O extends DenseOptions>(
  options: Given<O, DenseOptions>,
): Shaped<Dense, 'dense', O> {
  return new Dense(options);
}
