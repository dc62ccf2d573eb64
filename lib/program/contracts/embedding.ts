import { showShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';

/** Attributes of `embedding`: none. */
export type EmbeddingAttributes = Record<never, never>;

/**
 * Rows of a table: each number i of the input becomes row i of the parameter embeddings [inputs, outputs], on a new last axis.
 * A number that is no row's index (not whole, negative, too large) gives NaN, which the loss shows. No gradient goes to
 * the table from there, and none to the input.
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
