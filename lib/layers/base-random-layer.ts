import type { RandomSource } from '../program/contracts/index.js';
import type { Lowering } from './lower.js';
import { LAYER_SCHEMA, Layer, type LayerOptions } from './base-layer.js';
import { wholeFromZero } from './options/kinds.js';
import { type FieldsOf, optional, type Schema, type SchemaOf } from './options/schema.js';

/** What layers take that draw at random while training. */
export interface RandomLayerOptions extends LayerOptions {
  /**
   * A whole number from 0 up: draws then follow from it, their place in the batch and the number of training steps made, whatever
   * the seed of `fit`, and are those of other such layers with this seed (as images and their masks need). Default: draws follow
   * from `fit`'s seed, and each layer has its own.
   */
  seed?: number;
}

const SEED_SCHEMA = { seed: optional(wholeFromZero) };

export const RANDOM_LAYER_SCHEMA: SchemaOf<RandomLayerOptions> = { ...LAYER_SCHEMA, ...SEED_SCHEMA };

export interface RandomLayer extends FieldsOf<typeof SEED_SCHEMA> {}

/** The stream of layers with a seed of their own; others count up from 0. */
const SEEDED_STREAM = 2 ** 32 - 1;

/** A layer that draws at random, in training only unless its use says otherwise. */
export abstract class RandomLayer extends Layer {
  static override readonly schema: Schema = RANDOM_LAYER_SCHEMA;

  override lower(lowering: Lowering, input: number): number {
    return lowering.training === false ? this.lowerAtRest(lowering, input) : this.lowerDraws(lowering, input);
  }

  /** The node that draws. */
  protected abstract lowerDraws(lowering: Lowering, input: number): number;

  /** What is done where nothing is drawn; by default nothing. */
  protected lowerAtRest(_lowering: Lowering, input: number): number {
    return input;
  }

  /** Attributes that say where the draws come from, and when there are any. */
  protected drawsFrom(lowering: Lowering): RandomSource {
    const source: RandomSource =
      this.seed === undefined
        ? { stream: lowering.nextStream() }
        : { stream: SEEDED_STREAM, seed: this.seed };
    return lowering.training ? { ...source, always: true } : source;
  }
}
