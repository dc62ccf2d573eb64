import type { Layer } from '../layers/base-layer.js';
import { Embedding } from '../layers/core/embedding.js';
import { Flatten } from '../layers/reshaping/flatten.js';
import { Permute } from '../layers/reshaping/permute.js';
import { RepeatVector } from '../layers/reshaping/repeat-vector.js';
import { Reshape } from '../layers/reshaping/reshape.js';
import type { SymbolicTensor } from '../layers/symbolic-tensor.js';
import type { LayersModel } from './layers-model.js';
import { NestedModel } from './nested-model.js';
import { innermost } from './trained-layers.js';

/** What an input's numbers must be: whole, from 0 up to, not including, `rows`, which the embedding `layer` has. */
export interface IndexLimit {
  layer: string;
  rows: number;
}

/** Layers whose outputs have the input's numbers, all of them and no others. */
const MOVERS = [Flatten, Permute, RepeatVector, Reshape];

/** By input of the model: the limit of the smallest embedding that it is fed to, in this model or in one inside it; none elsewhere. */
export function indexLimits(model: LayersModel): (IndexLimit | undefined)[] {
  const limits = new Map<SymbolicTensor, IndexLimit>();
  const limit = (tensor: SymbolicTensor, given: IndexLimit | undefined) => {
    const known = limits.get(tensor);
    if (given && (!known || given.rows < known.rows)) limits.set(tensor, given);
  };
  // From the outputs back, so that what becomes of a layer's output is known.
  for (const { layer, inputs, outputs } of [...model.sorted].reverse()) {
    const behind = MOVERS.some((Mover) => layer instanceof Mover) ? limits.get(outputs[0]) : undefined;
    const own = limitsOf(layer);
    for (const [i, input] of inputs.entries()) limit(input, own[i] ?? behind);
  }
  return model.inputs.map((input) => limits.get(input));
}

function limitsOf(outer: Layer): (IndexLimit | undefined)[] {
  const layer = innermost(outer);
  if (layer instanceof NestedModel) return indexLimits(layer.model);
  return layer instanceof Embedding ? [{ layer: layer.name, rows: layer.inputDim }] : [];
}
