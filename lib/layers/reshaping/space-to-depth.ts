import type { AttributesOf, Shape } from '../../program/description.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { LAYER_SCHEMA, Layer, type LayerOptions } from '../base-layer.js';
import type { Lowering } from '../lower.js';
import { opShape } from '../op-shape.js';
import { count, dataFormat } from '../options/kinds.js';
import { type DefaultsOf, type FieldsOf, optional, required, type SchemaOf } from '../options/schema.js';

export interface SpaceToDepthOptions extends LayerOptions {
  /** Rows, and columns, of a block. */
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

/** Rearranges blocks of cells and channels. */
export abstract class BlockLayer extends Layer {
  static override readonly schema: SchemaOf<SpaceToDepthOptions> = { ...LAYER_SCHEMA, ...BLOCK_SCHEMA };

  /** Whether channels become blocks. */
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
 * The cells of each block of an image as channels of one cell: [h, w, c] becomes [h / b, w / b, c * b * b] for blocks of b x b. A
 * convolution behind it sees more of the image for the same work. Channels are ordered by the cell's row in the block, then by
 * its column, then by the cell's channels, as TensorFlow's `space_to_depth` orders them.
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
 * Channels as blocks of cells, the inverse of {@link SpaceToDepth}: [h, w, c] becomes [h * b, w * b, c / (b * b)]. It enlarges images
 * behind a convolution, which is also called sub-pixel convolution (Shi et al., "Real-time single image and video
 * super-resolution", 2016).
 * @throws SHAPE_MISMATCH unless c is a multiple of b * b.
 */
export class DepthToSpace extends BlockLayer {
  static override readonly className: string = 'DepthToSpace';

  protected override readonly reverse = true;

  constructor(options: DepthToSpaceOptions) {
    super(options);
  }
}

/** Blocks of cells as channels: see SpaceToDepth. */
export function spaceToDepth<const O extends SpaceToDepthOptions>(
  options: Given<O, SpaceToDepthOptions>,
): Shaped<SpaceToDepth, 'spaceToDepth', O> {
  return new SpaceToDepth(options);
}

/** Channels as blocks of cells: see DepthToSpace. */
export function depthToSpace<const O extends DepthToSpaceOptions>(
  options: Given<O, DepthToSpaceOptions>,
): Shaped<DepthToSpace, 'depthToSpace', O> {
  return new DepthToSpace(options);
}
