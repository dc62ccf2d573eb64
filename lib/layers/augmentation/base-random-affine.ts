import { show } from '../../options.js';
import type { AttributesOf } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import { finite, interpolation } from '../options/kinds.js';
import { type FieldsOf, type Kind, optional, type SchemaOf } from '../options/schema.js';
import type { Interpolation } from '../reshaping/lower-resize.js';
import { RANDOM_IMAGE_SCHEMA, RandomImageLayer, type RandomImageOptions } from './base-random-image.js';

const FILL_MODES = ['constant', 'reflect', 'wrap', 'nearest'] as const;

/** The transform: its kind and the ranges of its random parameters. */
export type Motion = Pick<AttributesOf<'randomAffine'>, 'kind' | 'ranges' | 'keepAspect'>;

/** How positions outside an image are filled: see {@link RandomAffineOptions.fillMode}. */
export type FillMode = (typeof FILL_MODES)[number];

/** Options of layers that shift, zoom or rotate images at random. */
export interface RandomAffineOptions extends RandomImageOptions {
  /**
   * How positions outside the image are filled. For a row abcd:
   *
   * - 'constant': fillValue.
   * - 'reflect': d c b a | a b c d | d c b a.
   * - 'wrap': a b c d | a b c d | a b c d.
   * - 'nearest': a a a a | a b c d | d d d d.
   *
   * Default 'reflect'.
   */
  fillMode?: FillMode;
  /** How values between pixels are interpolated. Default 'bilinear'. */
  interpolation?: Interpolation;
  /** Value of positions outside the image with fillMode 'constant'. Default 0. */
  fillValue?: number;
}

const fillMode: Kind<FillMode> = {
  read(checks, name, value) {
    const found = FILL_MODES.find((mode) => mode === value);
    if (found) return found;
    const known = FILL_MODES.map(show).join(', ');
    return checks.fail('UNSUPPORTED', `${name} is ${show(value)}; it can be ${known}.`);
  },
};

const AFFINE_SCHEMA = {
  fillMode: optional(fillMode, 'reflect'),
  interpolation: optional(interpolation, 'bilinear'),
  fillValue: optional(finite, 0),
};

export const RANDOM_AFFINE_SCHEMA: SchemaOf<RandomAffineOptions> = {
  ...RANDOM_IMAGE_SCHEMA,
  ...AFFINE_SCHEMA,
};

export interface RandomAffineLayer extends FieldsOf<typeof AFFINE_SCHEMA> {}

/**
 * Shifts, zooms or rotates images in training, each image by its own random draw. [h, w, c] keeps its shape.
 */
export abstract class RandomAffineLayer extends RandomImageLayer {
  /** The attributes of the node that depend on the layer's class. */
  protected abstract motion(): Motion;

  protected override lowerDraws(lowering: Lowering, input: number): number {
    return lowering.add({
      name: this.name,
      op: 'randomAffine',
      inputs: [input],
      attributes: {
        ...this.motion(),
        fill: this.fillMode,
        fillValue: this.fillValue,
        interpolation: this.interpolation,
        ...this.drawsFrom(lowering),
      },
    });
  }
}
