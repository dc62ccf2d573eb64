import type { InitializerIdentifier } from '../../initializers/index.js';
import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import type { Layer, WeightSpec } from '../base-layer.js';
import type { LayerConfig } from '../config.js';
import { initializer, number } from '../options/kinds.js';
import { type FieldsOf, optional, type SchemaOf } from '../options/schema.js';
import { channelAxis, checkChannelAxis } from './axes.js';
import { BaseNormalization, NORMALIZATION_SCHEMA, type NormalizationOptions } from './base-normalization.js';

/** Options of {@link BatchNormalization}. */
export interface BatchNormalizationOptions extends NormalizationOptions {
  /** The channel axis; it must be the last. Default -1. */
  axis?: number | readonly number[];
  /**
   * Momentum of the moving statistics, in [0, 1]. After s steps, momentum^s of their initial values is left,
   * so 0.9 works better with few steps per epoch. Default 0.99.
   */
  momentum?: number;
  /** How the moving mean is initialized. Default 'zeros'. */
  movingMeanInitializer?: InitializerIdentifier;
  /** How the moving variance is initialized. Default 'ones'. */
  movingVarianceInitializer?: InitializerIdentifier;
}

const BATCH_SCHEMA = {
  axis: optional(channelAxis, -1),
  momentum: optional(
    number((momentum) => momentum >= 0 && momentum <= 1, 'a number in [0, 1]'),
    0.99,
  ),
  movingMeanInitializer: optional(initializer, 'zeros'),
  movingVarianceInitializer: optional(initializer, 'ones'),
};

export interface BatchNormalization extends FieldsOf<typeof BATCH_SCHEMA> {}

/**
 * Batch normalization: gamma * (x - mean) / sqrt(variance + epsilon) + beta, for each channel by itself. The
 * output has the input's shape, [..., channels].
 *
 * - In training, mean and variance are those of the batch, over all samples and positions. The layer also
 *   keeps moving averages: moving = moving * momentum + batch * (1 - momentum). The variance is the
 *   population's, as in Keras and TF.js.
 * - In evaluation and prediction, mean and variance are the moving averages, which don't change. So it is in
 *   training too if the layer or its model has `trainable: false`.
 *
 * Small batches give noisy statistics; {@link GroupNormalization} doesn't depend on the batch. A convolution
 * before this layer needs no bias, since beta adds one.
 *
 * Weights: gamma, beta, moving_mean and moving_variance [channels]. Training by gradient changes gamma and
 * beta only.
 *
 * Ioffe and Szegedy: Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate
 * Shift, 2015.
 *
 * @throws UNSUPPORTED when it is applied, for an axis that isn't the last.
 */
export class BatchNormalization extends BaseNormalization {
  static override readonly className: string = 'BatchNormalization';
  static override readonly schema: SchemaOf<BatchNormalizationOptions> = {
    ...NORMALIZATION_SCHEMA,
    ...BATCH_SCHEMA,
  };
  static override readonly ignoredConfig = { synchronized: false, renorm: false };

  constructor(options: BatchNormalizationOptions = {}) {
    super(options);
  }

  protected override scalingShape(inputShape: Shape): Shape {
    checkChannelAxis(this.checks, this.axis, inputShape);
    return inputShape.slice(-1);
  }

  override weightSpecs(inputShape: Shape): readonly WeightSpec[] {
    const kept = { shape: inputShape.slice(-1), trainable: false };
    return [
      ...super.weightSpecs(inputShape),
      { name: 'moving_mean', ...kept, initializer: this.movingMeanInitializer },
      { name: 'moving_variance', ...kept, initializer: this.movingVarianceInitializer },
    ];
  }

  override lower(lowering: Lowering, input: number): number {
    const shape = lowering.shapeOf(input);
    const { epsilon, momentum } = this;
    const frozen = lowering.frozen || lowering.training === false;
    return lowering.add({
      name: this.name,
      op: 'batchNormalization',
      inputs: [input],
      attributes: { epsilon, momentum, frozen, ...(lowering.training && { always: true }) },
      parameters: this.lowerParameters(shape),
    });
  }

  /** Drops the options of renormalization if it is off. */
  static override fromConfig({ renormMomentum, renormClipping, ...config }: LayerConfig): Layer {
    return super.fromConfig(config.renorm ? { ...config, renormMomentum, renormClipping } : config);
  }
}

/** Makes a {@link BatchNormalization} layer. */
export function batchNormalization<const O extends BatchNormalizationOptions = NoOptions>(
  options?: Given<O, BatchNormalizationOptions>,
): Shaped<BatchNormalization, 'batchNormalization', O> {
  return new BatchNormalization(options);
}
