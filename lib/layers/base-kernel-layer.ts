import type { ConstraintIdentifier } from '../constraints/index.js';
import type { InitializerIdentifier } from '../initializers/index.js';
import type { ParameterDescription, Shape } from '../program/description.js';
import type { Lowering } from './lower.js';
import type { RegularizerIdentifier } from '../regularizers/index.js';
import {
  type ActivationIdentifier,
  activationLabel,
  checkApplied,
  lowerApplied,
} from './activation/applied.js';
import { LAYER_SCHEMA, Layer, type LayerOptions, type WeightSpec } from './base-layer.js';
import { activation, constraint, flag, initializer, regularizer } from './options/kinds.js';
import { type FieldsOf, optional, type Schema, type SchemaOf } from './options/schema.js';
import { describeWeightRules, weightOptions } from './weight-rules.js';

/** What every layer with a kernel takes. */
export interface BaseKernelLayerOptions extends LayerOptions {
  /** Applied to the outputs. Default 'linear'. */
  activation?: ActivationIdentifier;
  /** Whether a bias is added per output channel. Default true. */
  useBias?: boolean;
  /** Default 'zeros'. */
  biasInitializer?: InitializerIdentifier;
  /** What the bias costs, added to the loss: 'l1', 'l2', 'l1l2', or one of `regularizers`. Default nothing. */
  biasRegularizer?: RegularizerIdentifier;
  /** What the bias is brought to after each update: 'nonNeg', 'maxNorm', or one of `constraints`. Default nothing. */
  biasConstraint?: ConstraintIdentifier;
}

/** What layers take whose kernel is called so. */
export interface KernelLayerOptions extends BaseKernelLayerOptions {
  /** Default 'glorotUniform'. */
  kernelInitializer?: InitializerIdentifier;
  /** What the kernel costs, as biasRegularizer. */
  kernelRegularizer?: RegularizerIdentifier;
  /** What the kernel is brought to after each update, as biasConstraint. */
  kernelConstraint?: ConstraintIdentifier;
}

const OUTPUT_SCHEMA = {
  activation: optional(activation, 'linear'),
  useBias: optional(flag, true),
};

const BIAS_SCHEMA = {
  biasInitializer: optional(initializer, 'zeros'),
  biasRegularizer: optional(regularizer),
  biasConstraint: optional(constraint),
};

export const KERNEL_SCHEMA = {
  kernelInitializer: optional(initializer, 'glorotUniform'),
  kernelRegularizer: optional(regularizer),
  kernelConstraint: optional(constraint),
};

/** The schema of a layer whose kernel has these options. A config lists both initializers before regularizers and constraints. */
export function kernelLayerSchema<Kernel extends Schema>(
  kernel: Kernel,
): SchemaOf<BaseKernelLayerOptions> & Kernel {
  const [kernelInitializer] = Object.keys(kernel).filter((name) => name.endsWith('Initializer'));
  const { biasInitializer, ...biasRules } = BIAS_SCHEMA;
  const initializers = { [kernelInitializer]: kernel[kernelInitializer], biasInitializer };
  return { ...LAYER_SCHEMA, ...OUTPUT_SCHEMA, ...initializers, ...kernel, ...biasRules };
}

/** What Keras calls the kernel. */
export interface KernelNames {
  weight: string;
  /** How its options begin: "kernel", of kernelInitializer. */
  option: string;
}

export interface KernelLayer extends FieldsOf<typeof OUTPUT_SCHEMA & typeof BIAS_SCHEMA> {}

/** A layer that multiplies by a kernel, may add a bias and may apply an activation. */
export abstract class KernelLayer extends Layer {
  protected abstract kernelShape(inputShape: Shape): Shape;

  protected get kernelNames(): KernelNames {
    return { weight: 'kernel', option: 'kernel' };
  }

  override weightSpecs(inputShape: Shape): readonly WeightSpec[] {
    const shape = this.kernelShape(inputShape);
    checkApplied(this.activation, this.inferShape(inputShape));
    const { weight, option } = this.kernelNames;
    const kernel = { name: weight, shape, initializer: weightOptions(this, option).initializer };
    if (!this.useBias) return [kernel];
    const channels = this.inferShape(inputShape).slice(-1);
    return [kernel, { name: 'bias', shape: channels, initializer: this.biasInitializer }];
  }

  /** `kernel`: the shape that the op gives the kernel, of the same elements in the same order. */
  protected lowerParameters(
    inputShape: Shape,
    kernel = this.kernelShape(inputShape),
  ): ParameterDescription[] {
    const kernelRules = describeWeightRules(
      this.checks,
      weightOptions(this, this.kernelNames.option),
      this.kernelShape(inputShape),
      kernel,
    );
    const parameters: ParameterDescription[] = [{ name: 'kernel', shape: kernel, ...kernelRules }];
    if (!this.useBias) return parameters;
    const bias = this.inferShape(inputShape).slice(-1);
    parameters.push({
      name: 'bias',
      shape: bias,
      ...describeWeightRules(this.checks, weightOptions(this, 'bias'), bias, bias),
    });
    return parameters;
  }

  /** The activation as a node of its own: engines fuse it again. */
  protected lowerOwnActivation(lowering: Lowering, input: number): number {
    const name = `${this.name}/${activationLabel(this.activation)}`;
    return lowerApplied(lowering, name, this.activation, input);
  }
}
