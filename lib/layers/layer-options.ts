import { type OptionChecks, show } from '../options.js';
import { own, type SchemaOf } from './options/schema.js';
import type { SampleShape } from './shapes.js';

/** Options of all layers. */
export interface LayerOptions {
  /** Name of the layer, unique within its model. Default: the class and a number, "conv2d_1". */
  name?: string;
  /**
   * Shape of one sample, without the batch; null for a size that may vary. The first layer of a model needs
   * it (or batchInputShape).
   */
  inputShape?: SampleShape;
  /** inputShape with the batch in front: [null, ...inputShape]. */
  batchInputShape?: readonly (number | null)[];
  /** Whether training updates the layer's weights. Default true. */
  trainable?: boolean;
}

export const LAYER_SCHEMA: SchemaOf<LayerOptions> = {
  name: own,
  inputShape: own,
  batchInputShape: own,
  trainable: own,
};

/** Reads the option `name`. Throws INVALID_ARGUMENT. */
export function readName(checks: OptionChecks, name: unknown): string | undefined {
  if (name === undefined || name === null) return undefined;
  if (typeof name === 'string' && name !== '') return name;
  return checks.fail(
    'INVALID_ARGUMENT',
    `name is ${show(name)}; it must be a string with a character or more.`,
  );
}
