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
  /** Length of the output's last axis. */
  units: number;
  /** Another way to give inputShape: [inputDim]. */
  inputDim?: number;
}

const DENSE_SCHEMA = {
  units: required(count),
  inputDim: own,
};

export interface Dense extends FieldsOf<typeof KERNEL_SCHEMA & typeof DENSE_SCHEMA> {}

/** x * kernel + bias over the last axis: [..., inputs] to [..., units], kernel [inputs, units]. */
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

/** A fully connected layer: see Dense. */
export function dense<const O extends DenseOptions>(
  options: Given<O, DenseOptions>,
): Shaped<Dense, 'dense', O> {
  return new Dense(options);
}
