import { own, type SchemaOf } from './options/schema.js';
import type { SampleShape } from './shapes.js';

/** What every layer takes. */
export interface LayerOptions {
  /** Unique within its model. Default: the class and a number, "conv2d_1". */
  name?: string;
  /** Shape of one sample; null for a size that may be any. The first layer of a model needs it (or batchInputShape). */
  inputShape?: SampleShape;
  /** The same with the batch in front: [null, ...inputShape]. */
  batchInputShape?: readonly (number | null)[];
  /** Whether training changes its weights. Default true. */
  trainable?: boolean;
}

export const LAYER_SCHEMA: SchemaOf<LayerOptions> = {
  name: own,
  inputShape: own,
  batchInputShape: own,
  trainable: own,
};
