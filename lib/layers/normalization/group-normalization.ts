import type { AttributesOf, Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import { show } from '../../options.js';
import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { opShape } from '../op-shape.js';
import { type DefaultsOf, type FieldsOf, type Kind, optional, type SchemaOf } from '../options/schema.js';
import { channelAxis, checkChannelAxis } from './axes.js';
import { BaseNormalization, NORMALIZATION_SCHEMA, type NormalizationOptions } from './base-normalization.js';

/** Options of {@link GroupNormalization}. */
export interface GroupNormalizationOptions extends NormalizationOptions {
  /**
   * Number of groups of channels. It must divide the channels. -1 makes a group of each channel, which is
   * instance normalization. Default 32.
   */
  groups?: number;
  /** The channel axis; it must be the last. Default -1. */
  axis?: number | readonly number[];
}

const groups: Kind<number> = {
  read(checks, name, value) {
    if (value === -1 || (Number.isSafeInteger(value) && (value as number) >= 1)) return value as number;
    return checks.fail(
      'INVALID_ARGUMENT',
      `${name} is ${show(value)}; it must be a whole number from 1 up, or -1 for a group per channel.`,
    );
  },
};

const GROUP_SCHEMA = {
  groups: optional(groups, 32),
  axis: optional(channelAxis, -1),
};

export interface GroupNormalization extends FieldsOf<typeof GROUP_SCHEMA>, DefaultsOf<typeof GROUP_SCHEMA> {}

/**
 * Group normalization: gamma * (x - mean) / sqrt(variance + epsilon) + beta, with mean and variance over all
 * positions of a sample and a group of adjacent channels. It computes the same in training and prediction and
 * doesn't depend on the batch size. The output has the input's shape, [..., channels].
 *
 * Weights: gamma and beta [channels].
 *
 * Wu and He: Group Normalization, 2018.
 *
 * @throws SHAPE_MISMATCH when it is applied, if the groups don't divide the channels; UNSUPPORTED for an axis
 * that isn't the last.
 */
export class GroupNormalization extends BaseNormalization {
  static override readonly className: string = 'GroupNormalization';
  static override readonly schema: SchemaOf<GroupNormalizationOptions> = {
    ...NORMALIZATION_SCHEMA,
    ...GROUP_SCHEMA,
  };

  constructor(options: GroupNormalizationOptions = {}) {
    super(options);
  }

  protected override scalingShape(inputShape: Shape): Shape {
    checkChannelAxis(this.checks, this.axis, inputShape);
    return inputShape.slice(-1);
  }

  protected override inferShape(inputShape: Shape): Shape {
    super.inferShape(inputShape);
    return opShape(this.checks, 'groupNormalization', [inputShape], this.#attributesFor(inputShape));
  }

  #attributesFor(inputShape: Shape): AttributesOf<'groupNormalization'> {
    const channels = inputShape[inputShape.length - 1];
    return { epsilon: this.epsilon, groups: this.groups === -1 ? channels : this.groups };
  }

  override lower(lowering: Lowering, input: number): number {
    const shape = lowering.shapeOf(input);
    return lowering.add({
      name: this.name,
      op: 'groupNormalization',
      inputs: [input],
      attributes: this.#attributesFor(shape),
      parameters: this.lowerParameters(shape),
    });
  }
}

/** Makes a {@link GroupNormalization} layer. */
export function groupNormalization<const O extends GroupNormalizationOptions = NoOptions>(
  options?: Given<O, GroupNormalizationOptions>,
): Shaped<GroupNormalization, 'groupNormalization', O> {
  return new GroupNormalization(options);
}
