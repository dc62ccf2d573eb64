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
  /** The axis of the channels; only the last is possible. Default -1. */
  axis?: number | readonly number[];
  /**
   * What the moving statistics keep of themselves in each step, in [0, 1]. After s steps momentum^s of their first values is left: with few
   * steps in an epoch 0.9 serves better. Default 0.99.
   */
  momentum?: number;
  /** Default 'zeros'. */
  movingMeanInitializer?: InitializerIdentifier;
  /** Default 'ones'. */
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
 * gamma * (x - mean) / sqrt(variance + epsilon) + beta by channels, any shape [..., channels] to the same. In training, mean and
 * variance are the batch's, over samples and places, and moving averages of them are kept: moving * momentum + batch's * (1 -
 * momentum), with the variance of the population as in Keras and TF.js. In evaluation and prediction, and in a layer or model
 * whose `trainable` is false, the moving averages are used and stay as they are. Weights: gamma, beta, moving_mean and
 * moving_variance [channels].
 *
 * Ioffe and Szegedy: Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift, 2015.
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

  /** Without the options of renormalization, where there is none. */
  static override fromConfig({ renormMomentum, renormClipping, ...config }: LayerConfig): Layer {
    return super.fromConfig(config.renorm ? { ...config, renormMomentum, renormClipping } : config);
  }
}

/** Normalizes channels over the batch: see BatchNormalization. */
export function batchNormalization<const O extends BatchNormalizationOptions = NoOptions>(
  options?: Given<O, BatchNormalizationOptions>,
): Shaped<BatchNormalization, 'batchNormalization', O> {
  return new BatchNormalization(options);
}
