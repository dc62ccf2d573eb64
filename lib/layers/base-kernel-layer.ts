import { getInitializer, type Initializer, type InitializerIdentifier } from '../initializers/index.js';
import type { ParameterDescription, Shape } from '../program/description.js';
import type { Lowering } from '../program/lower.js';
import { type ActivationIdentifier, lowerActivation, readActivation } from './activations.js';
import { LAYER_OPTIONS, Layer, type LayerOptions, type OptionNames, type WeightSpec } from './base-layer.js';
import type { LayerConfig } from './config.js';

export interface KernelLayerOptions extends LayerOptions {
  /** Applied to the outputs. Default 'linear'. */
  activation?: ActivationIdentifier;
  /** Whether a bias is added per output channel. Default true. */
  useBias?: boolean;
  /** Default 'glorotUniform'. */
  kernelInitializer?: InitializerIdentifier;
  /** Default 'zeros'. */
  biasInitializer?: InitializerIdentifier;
}

export const KERNEL_LAYER_OPTIONS: OptionNames<KernelLayerOptions> = {
  ...LAYER_OPTIONS,
  activation: true,
  useBias: true,
  kernelInitializer: true,
  biasInitializer: true,
};

/** A layer that multiplies by a kernel, may add a bias and may apply an activation. */
export abstract class KernelLayer extends Layer {
  readonly activation: ActivationIdentifier;
  readonly useBias: boolean;
  readonly kernelInitializer: Initializer;
  readonly biasInitializer: Initializer;

  constructor(options: KernelLayerOptions) {
    super(options);
    this.activation = readActivation(this.checks, options.activation ?? 'linear');
    this.useBias = this.checks.boolean('useBias', options.useBias ?? true);
    this.kernelInitializer = getInitializer(options.kernelInitializer ?? 'glorotUniform');
    this.biasInitializer = getInitializer(options.biasInitializer ?? 'zeros');
  }

  /** Its last axis is the number of output channels. */
  protected abstract kernelShape(inputShape: Shape): Shape;

  override weightSpecs(inputShape: Shape): readonly WeightSpec[] {
    const shape = this.kernelShape(inputShape);
    const kernel = { name: 'kernel', shape, initializer: this.kernelInitializer };
    if (!this.useBias) return [kernel];
    return [kernel, { name: 'bias', shape: shape.slice(-1), initializer: this.biasInitializer }];
  }

  override getConfig(): LayerConfig {
    return {
      ...super.getConfig(),
      activation: this.activation,
      useBias: this.useBias,
      kernelInitializer: initializerConfig(this.kernelInitializer),
      biasInitializer: initializerConfig(this.biasInitializer),
    };
  }

  protected lowerParameters(inputShape: Shape): ParameterDescription[] {
    return this.weightSpecs(inputShape).map(({ name, shape }) => ({ name, shape }));
  }

  /** The activation as a node of its own: engines fuse it again. */
  protected lowerOwnActivation(lowering: Lowering, input: number): number {
    return lowerActivation(lowering, `${this.name}/${this.activation}`, this.activation, input);
  }
}

function initializerConfig(initializer: Initializer): LayerConfig {
  return { className: initializer.className, config: initializer.getConfig() };
}
