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

/** Options of all layers with a kernel. */
export interface BaseKernelLayerOptions extends LayerOptions {
  /** Activation of the outputs. Default 'linear'. */
  activation?: ActivationIdentifier;
  /** Whether to add a bias to each output channel. Default true. */
  useBias?: boolean;
  /** How the bias is initialized. Default 'zeros'. */
  biasInitializer?: InitializerIdentifier;
  /** Penalty on the bias, added to the loss: 'l1', 'l2', 'l1l2', or one of `regularizers`. Default none. */
  biasRegularizer?: RegularizerIdentifier;
  /** Constraint on the bias after each update: 'nonNeg', 'maxNorm', or one of `constraints`. Default none. */
  biasConstraint?: ConstraintIdentifier;
}

/** Options of layers whose kernel options begin with "kernel". */
export interface KernelLayerOptions extends BaseKernelLayerOptions {
  /** How the kernel is initialized. Default 'glorotUniform'. */
  kernelInitializer?: InitializerIdentifier;
  /** Penalty on the kernel, as biasRegularizer. Default none. */
  kernelRegularizer?: RegularizerIdentifier;
  /** Constraint on the kernel, as biasConstraint. Default none. */
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

/**
 * The schema of a layer with these kernel options. A config lists both initializers before regularizers and
 * constraints, as Keras does.
 */
export function kernelLayerSchema<Kernel extends Schema>(
  kernel: Kernel,
): SchemaOf<BaseKernelLayerOptions> & Kernel {
  const [kernelInitializer] = Object.keys(kernel).filter((name) => name.endsWith('Initializer'));
  const { biasInitializer, ...biasRules } = BIAS_SCHEMA;
  const initializers = { [kernelInitializer]: kernel[kernelInitializer], biasInitializer };
  return { ...LAYER_SCHEMA, ...OUTPUT_SCHEMA, ...initializers, ...kernel, ...biasRules };
}

/** Keras's names for a kernel. */
export interface KernelNames {
  weight: string;
  /** Prefix of its options: "kernel" for kernelInitializer. */
  option: string;
}

export interface KernelLayer extends FieldsOf<typeof OUTPUT_SCHEMA & typeof BIAS_SCHEMA> {}

/** A layer with a kernel, an optional bias and an activation. */
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

  /**
   * The kernel and bias of the op. `kernel` is the kernel's shape in the op: the same elements in the same
   * order.
   */
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

  /** Adds the activation as a node of its own, which engines fuse with the node before. */
  protected lowerOwnActivation(lowering: Lowering, input: number): number {
    const name = `${this.name}/${activationLabel(this.activation)}`;
    return lowerApplied(lowering, name, this.activation, input);
  }
}
