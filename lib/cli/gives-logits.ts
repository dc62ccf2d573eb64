import type { LayersModel } from '../models/index.js';
import { nodeOf } from '../program/description.js';
import { valueRanges } from '../training/value-ranges.js';

/**
 * Whether a model's only output can have values that are no probabilities, as a dense layer without an
 * activation gives. False if its range isn't known.
 */
export function givesLogits(model: LayersModel): boolean {
  const { nodes, outputs = [] } = model.state.describe().graph;
  const [low, high] = valueRanges(nodes)[nodeOf(outputs[0])];
  return low < 0 || high > 1;
}
