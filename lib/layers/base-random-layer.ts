import type { RandomSource } from '../program/contracts/index.js';
import type { Lowering } from './lower.js';
import { LAYER_SCHEMA, Layer, type LayerOptions } from './base-layer.js';
import { wholeFromZero } from './options/kinds.js';
import { type FieldsOf, optional, type Schema, type SchemaOf } from './options/schema.js';

/** Options of layers that draw random numbers. */
export interface RandomLayerOptions extends LayerOptions {
  /**
   * Seed of the layer's draws, a whole number from 0 up. The draws then depend on it, on the sample's place
   * in the batch and on the number of training steps so far, but not on `fit`'s seed. Layers with the same
   * seed make the same draws, as images and their masks need. Default: draws follow `fit`'s seed, and each
   * layer has its own.
   */
  seed?: number;
}

const SEED_SCHEMA = { seed: optional(wholeFromZero) };

export const RANDOM_LAYER_SCHEMA: SchemaOf<RandomLayerOptions> = { ...LAYER_SCHEMA, ...SEED_SCHEMA };

export interface RandomLayer extends FieldsOf<typeof SEED_SCHEMA> {}

/** The random stream of layers with a seed. Streams of other layers count up from 0. */
const SEEDED_STREAM = 2 ** 32 - 1;

/** A layer that draws random numbers: only in training, unless `apply` was called with `training`. */
export abstract class RandomLayer extends Layer {
  static override readonly schema: Schema = RANDOM_LAYER_SCHEMA;

  override lower(lowering: Lowering, input: number): number {
    return lowering.training === false
      ? this.lowerOutsideTraining(lowering, input)
      : this.lowerDraws(lowering, input);
  }

  /** Adds the node that draws. */
  protected abstract lowerDraws(lowering: Lowering, input: number): number;

  /** Adds what the layer computes where it draws nothing. Default: nothing. */
  protected lowerOutsideTraining(_lowering: Lowering, input: number): number {
    return input;
  }

  /** The attributes for where draws come from and when they are made. */
  protected drawsFrom(lowering: Lowering): RandomSource {
    const source: RandomSource =
      this.seed === undefined
        ? { stream: lowering.nextStream() }
        : { stream: SEEDED_STREAM, seed: this.seed };
    return lowering.training ? { ...source, always: true } : source;
  }
}
