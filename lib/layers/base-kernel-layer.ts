import type { ConstraintIdentifier } from '../constraints/index.js';
import { getInitializer, type Initializer, type InitializerIdentifier } from '../initializers/index.js';
import type { ParameterDescription, Shape } from '../program/description.js';
import type { Lowering } from './lower.js';
import type { RegularizerIdentifier } from '../regularizers/index.js';
import {
  type AppliedActivation,
  activationConfig,
  activationLabel,
  checkApplied,
  lowerApplied,
  readApplied,
} from './activation/applied.js';
import type { ActivationIdentifier } from './activations.js';
import { LAYER_OPTIONS, Layer, type LayerOptions, type OptionNames, type WeightSpec } from './base-layer.js';
import { initializerConfig, type LayerConfig } from './config.js';
import { describeWeightRules, readWeightRules, type WeightRules, weightRulesConfig } from './weight-rules.js';

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

export const BASE_KERNEL_LAYER_OPTIONS: OptionNames<BaseKernelLayerOptions> = {
  ...LAYER_OPTIONS,
  activation: true,
  useBias: true,
  biasInitializer: true,
  biasRegularizer: true,
  biasConstraint: true,
};

export const KERNEL_LAYER_OPTIONS: OptionNames<KernelLayerOptions> = {
  ...BASE_KERNEL_LAYER_OPTIONS,
  kernelInitializer: true,
  kernelRegularizer: true,
  kernelConstraint: true,
};

/** What Keras calls the kernel: the weight, and the option for its initializer ("kernelInitializer", whence "kernelRegularizer"...). */
export interface KernelNames {
  weight: string;
  initializer: string;
}

/** A layer that multiplies by a kernel, may add a bias and may apply an activation. */
export abstract class KernelLayer extends Layer {
  readonly activation: AppliedActivation;
  readonly useBias: boolean;
  readonly biasInitializer: Initializer;
  protected readonly initializerOfKernel: Initializer;
  readonly #kernelRules: WeightRules;
  readonly #biasRules: WeightRules;

  constructor(options: BaseKernelLayerOptions, kernelInitializer?: InitializerIdentifier) {
    super(options);
    this.activation = readApplied(this.checks, options.activation ?? 'linear');
    this.useBias = this.checks.boolean('useBias', options.useBias ?? true);
    this.initializerOfKernel = getInitializer(kernelInitializer ?? 'glorotUniform');
    this.biasInitializer = getInitializer(options.biasInitializer ?? 'zeros');
    this.#kernelRules = readWeightRules(options, this.#kernelOption);
    this.#biasRules = readWeightRules(options, 'bias');
  }

  protected abstract kernelShape(inputShape: Shape): Shape;

  protected get kernelNames(): KernelNames {
    return { weight: 'kernel', initializer: 'kernelInitializer' };
  }

  override weightSpecs(inputShape: Shape): readonly WeightSpec[] {
    const shape = this.kernelShape(inputShape);
    checkApplied(this.activation, this.inferShape(inputShape));
    const kernel = { name: this.kernelNames.weight, shape, initializer: this.initializerOfKernel };
    if (!this.useBias) return [kernel];
    const channels = this.inferShape(inputShape).slice(-1);
    return [kernel, { name: 'bias', shape: channels, initializer: this.biasInitializer }];
  }

  override getConfig(): LayerConfig {
    return {
      ...super.getConfig(),
      activation: activationConfig(this.activation),
      useBias: this.useBias,
      [this.kernelNames.initializer]: initializerConfig(this.initializerOfKernel),
      biasInitializer: initializerConfig(this.biasInitializer),
      ...weightRulesConfig(this.#kernelRules, this.#kernelOption),
      ...weightRulesConfig(this.#biasRules, 'bias'),
    };
  }

  /** `kernel`: the shape that the op gives the kernel, of the same elements in the same order. */
  protected lowerParameters(
    inputShape: Shape,
    kernel = this.kernelShape(inputShape),
  ): ParameterDescription[] {
    const kernelRules = describeWeightRules(
      this.checks,
      this.#kernelRules,
      this.kernelShape(inputShape),
      kernel,
    );
    const parameters: ParameterDescription[] = [{ name: 'kernel', shape: kernel, ...kernelRules }];
    if (!this.useBias) return parameters;
    const bias = this.inferShape(inputShape).slice(-1);
    parameters.push({
      name: 'bias',
      shape: bias,
      ...describeWeightRules(this.checks, this.#biasRules, bias, bias),
    });
    return parameters;
  }

  /** How the options for the kernel begin: "kernel". */
  get #kernelOption(): string {
    return this.kernelNames.initializer.replace('Initializer', '');
  }

  /** The activation as a node of its own: engines fuse it again. */
  protected lowerOwnActivation(lowering: Lowering, input: number): number {
    const name = `${this.name}/${activationLabel(this.activation)}`;
    return lowerApplied(lowering, name, this.activation, input);
  }
}
