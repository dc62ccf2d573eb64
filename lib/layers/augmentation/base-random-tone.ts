import { show } from '../../options.js';
import type { AttributesOf } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import {
  type FieldsOf,
  type Kind,
  optional,
  type RequiredOption,
  required,
  type SchemaOf,
} from '../options/schema.js';
import { RANDOM_IMAGE_SCHEMA, RandomImageLayer, type RandomImageOptions } from './base-random-image.js';

/** Options of layers that change the contrast or brightness of images at random. */
export interface RandomToneOptions extends RandomImageOptions {
  /**
   * The smallest and the largest pixel value; results are clipped to them. Default [0, 255]. Give [0, 1]
   * after a rescaling to [0, 1].
   */
  valueRange?: readonly [number, number];
}

const valueRange: Kind<readonly [number, number]> = {
  read(checks, name, value) {
    const limits: unknown[] = Array.isArray(value) ? value : [];
    const [low, high] = limits as number[];
    if (limits.length !== 2 || !limits.every(Number.isFinite) || low >= high) {
      checks.fail(
        'INVALID_ARGUMENT',
        `${name} is ${show(value)}; it must be two finite numbers, the lower one first, such as [0, 255].`,
      );
    }
    return [low, high];
  },
  write: (limits) => [...limits],
};

const RANGE_SCHEMA = { valueRange: optional(valueRange, [0, 255]) };

/** The schema of a layer whose option `factor` is of this kind. */
export function randomToneSchema<Factor>(
  factor: Kind<Factor, readonly [number, number]>,
): SchemaOf<RandomToneOptions> & { factor: RequiredOption<Factor, readonly [number, number]> } {
  return { ...RANDOM_IMAGE_SCHEMA, factor: required(factor), ...RANGE_SCHEMA };
}

export interface RandomToneLayer extends FieldsOf<typeof RANGE_SCHEMA> {
  readonly factor: readonly [number, number];
}

/**
 * Changes the contrast or brightness of images in training, each image by its own random draw. [h, w, c]
 * keeps its shape.
 */
export abstract class RandomToneLayer extends RandomImageLayer {
  /** The node's `kind`, and the range from which its factor is drawn. */
  protected abstract tone(): Pick<AttributesOf<'randomTone'>, 'kind' | 'range'>;

  protected override lowerDraws(lowering: Lowering, input: number): number {
    return lowering.add({
      name: this.name,
      op: 'randomTone',
      inputs: [input],
      attributes: { ...this.tone(), limits: this.valueRange, ...this.drawsFrom(lowering) },
    });
  }
}
