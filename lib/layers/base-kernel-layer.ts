import { getInitializer, type Initializer, type InitializerIdentifier } from '../initializers/index.js';
import type { ParameterDescription, Shape } from '../program/description.js';
import type { Lowering } from '../program/lower.js';
import {
  type ActivationIdentifier,
  type ActivationName,
  lowerActivation,
  readActivation,
} from './activations.js';
import { LAYER_OPTIONS, Layer, type LayerOptions, type OptionNames, type WeightSpec } from './base-layer.js';
import type { LayerConfig } from './config.js';

/** What every layer with a kernel takes. */
export interface BaseKernelLayerOptions extends LayerOptions {
  /** Applied to the outputs. Default 'linear'. */
  activation?: ActivationIdentifier;
  /** Whether a bias is added per output channel. Default true. */
  useBias?: boolean;
  /** Default 'zeros'. */
  biasInitializer?: InitializerIdentifier;
}

export interface KernelLayerOptions extends BaseKernelLayerOptions {
  /** Default 'glorotUniform'. */
  kernelInitializer?: InitializerIdentifier;
}

export const BASE_KERNEL_LAYER_OPTIONS: OptionNames<BaseKernelLayerOptions> = {
  ...LAYER_OPTIONS,
  activation: true,
  useBias: true,
  biasInitializer: true,
};

export const KERNEL_LAYER_OPTIONS: OptionNames<KernelLayerOptions> = {
  ...BASE_KERNEL_LAYER_OPTIONS,
  kernelInitializer: true,
};

/** What Keras calls the kernel: the weight, and the option for its initializer. */
export interface KernelNames {
  weight: string;
  initializer: string;
}

/** A layer that multiplies by a kernel, may add a bias and may apply an activation. */
export abstract class KernelLayer extends Layer {
  readonly activation: ActivationName;
  readonly useBias: boolean;
  readonly biasInitializer: Initializer;
  protected readonly initializerOfKernel: Initializer;

  constructor(options: BaseKernelLayerOptions, kernelInitializer?: InitializerIdentifier) {
    super(options);
    this.activation = readActivation(this.checks, options.activation ?? 'linear');
    this.useBias = this.checks.boolean('useBias', options.useBias ?? true);
    this.initializerOfKernel = getInitializer(kernelInitializer ?? 'glorotUniform');
    this.biasInitializer = getInitializer(options.biasInitializer ?? 'zeros');
  }

  protected abstract kernelShape(inputShape: Shape): Shape;

  protected get kernelNames(): KernelNames {
    return { weight: 'kernel', initializer: 'kernelInitializer' };
  }

  override weightSpecs(inputShape: Shape): readonly WeightSpec[] {
    const shape = this.kernelShape(inputShape);
    const kernel = { name: this.kernelNames.weight, shape, initializer: this.initializerOfKernel };
    if (!this.useBias) return [kernel];
    const channels = this.computeOutputShape(inputShape).slice(-1);
    return [kernel, { name: 'bias', shape: channels, initializer: this.biasInitializer }];
  }

  override getConfig(): LayerConfig {
    return {
      ...super.getConfig(),
      activation: this.activation,
      useBias: this.useBias,
      [this.kernelNames.initializer]: initializerConfig(this.initializerOfKernel),
      biasInitializer: initializerConfig(this.biasInitializer),
    };
  }

  /** `kernel`: the shape that the op gives the kernel, of the same elements in the same order. */
  protected lowerParameters(
    inputShape: Shape,
    kernel = this.kernelShape(inputShape),
  ): ParameterDescription[] {
    const parameters: ParameterDescription[] = [{ name: 'kernel', shape: kernel }];
    if (this.useBias) parameters.push({ name: 'bias', shape: kernel.slice(-1) });
    return parameters;
  }

  /** The activation as a node of its own: engines fuse it again. */
  protected lowerOwnActivation(lowering: Lowering, input: number): number {
    return lowerActivation(lowering, `${this.name}/${this.activation}`, this.activation, input);
  }
}

function initializerConfig(initializer: Initializer): LayerConfig {
  return { className: initializer.className, config: initializer.getConfig() };
}
