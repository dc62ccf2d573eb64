import type { AttributesOf, Shape } from '../../program/description.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { LAYER_SCHEMA, Layer, type LayerOptions } from '../base-layer.js';
import type { Lowering } from '../lower.js';
import { opShape } from '../op-shape.js';
import { count, dataFormat } from '../options/kinds.js';
import { type DefaultsOf, type FieldsOf, optional, required, type SchemaOf } from '../options/schema.js';

export interface SpaceToDepthOptions extends LayerOptions {
  /** Height and width of a block. */
  blockSize: number;
  /** Only 'channelsLast'. */
  dataFormat?: 'channelsLast';
}

export interface DepthToSpaceOptions extends SpaceToDepthOptions {}

const BLOCK_SCHEMA = {
  blockSize: required(count),
  dataFormat: optional(dataFormat, 'channelsLast'),
};

export interface BlockLayer extends FieldsOf<typeof BLOCK_SCHEMA>, DefaultsOf<typeof BLOCK_SCHEMA> {}

/** Rearranges blocks of pixels and channels. */
export abstract class BlockLayer extends Layer {
  static override readonly schema: SchemaOf<SpaceToDepthOptions> = { ...LAYER_SCHEMA, ...BLOCK_SCHEMA };

  /** Whether channels become blocks of pixels. */
  protected abstract readonly reverse: boolean;

  protected override inferShape(inputShape: Shape): Shape {
    return opShape(this.checks, 'spaceToDepth', [inputShape], this.#attributes);
  }

  override lower(lowering: Lowering, input: number): number {
    const { name } = this;
    return lowering.add({ name, op: 'spaceToDepth', inputs: [input], attributes: this.#attributes });
  }

  get #attributes(): AttributesOf<'spaceToDepth'> {
    return { blockSize: this.blockSize, reverse: this.reverse };
  }
}

/**
 * Moves each b x b block of pixels to the channels of one pixel: [h, w, c] becomes [h / b, w / b, c * b * b].
 * With blockSize 2, [32, 32, 3] becomes [16, 16, 12]. A convolution after it sees more of the image for the
 * same work.
 *
 * Channels are ordered by the pixel's row in the block, then its column, then its channel, as in TensorFlow's
 * `space_to_depth`.
 * @throws SHAPE_MISMATCH unless h and w are multiples of b.
 */
export class SpaceToDepth extends BlockLayer {
  static override readonly className: string = 'SpaceToDepth';

  protected override readonly reverse = false;

  constructor(options: SpaceToDepthOptions) {
    super(options);
  }
}

/**
 * Moves channels to b x b blocks of pixels, the inverse of {@link SpaceToDepth}: [h, w, c] becomes
 * [h * b, w * b, c / (b * b)]. After a convolution it upscales images, which is called sub-pixel convolution
 * or pixel shuffle (Shi et al., "Real-time single image and video super-resolution", 2016).
 * @throws SHAPE_MISMATCH unless c is a multiple of b * b.
 */
export class DepthToSpace extends BlockLayer {
  static override readonly className: string = 'DepthToSpace';

  protected override readonly reverse = true;

  constructor(options: DepthToSpaceOptions) {
    super(options);
  }
}

/** Makes a {@link SpaceToDepth} layer. */
export function spaceToDepth<const O extends SpaceToDepthOptions>(
  options: Given<O, SpaceToDepthOptions>,
): Shaped<SpaceToDepth, 'spaceToDepth', O> {
  return new SpaceToDepth(options);
}

/** Makes a {@link DepthToSpace} layer. */
export function depthToSpace<const O extends DepthToSpaceOptions>(
  options: Given<O, DepthToSpaceOptions>,
): Shaped<DepthToSpace, 'depthToSpace', O> {
  return new DepthToSpace(options);
}
