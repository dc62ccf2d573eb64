import { showShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';

/** Attributes of `embedding`: none. */
export type EmbeddingAttributes = Record<never, never>;

/**
 * Looks up rows of a table: each number i of the input becomes row i of the parameter embeddings
 * [inputs, outputs], along a new last axis. A number that isn't an index of a row (fractional, negative, too
 * large) gives NaN, and no gradient to the table. The input never gets a gradient.
 */
export const embedding: Contract<EmbeddingAttributes, 'embeddings'> = {
  inputs: 'one',
  attributes: {},
  parameters: { embeddings: 'required' },
  outputShapes({ inputs: [input], parameters: { embeddings = [] }, fail }) {
    if (embeddings.length !== 2)
      fail('SHAPE_MISMATCH', `embeddings are [inputs, outputs], not ${showShape(embeddings)}.`);
    return [[...input, embeddings[1]]];
  },
};
