import { ConvforgeError } from '../errors.js';
import type { Layer } from '../layers/base-layer.js';
import type { LayerConfig } from '../layers/config.js';
import { InputLayer } from '../layers/core/input-layer.js';
import type { LayerNode, SymbolicTensor } from '../layers/symbolic-tensor.js';
import { Functional } from './functional.js';

/** [layer, which of its uses, which of that use's outputs], as TF.js and Keras write a reference to a value. */
export type Reference = [string, number, number];

/** A layer of a saved Functional model. */
export interface SavedLayer {
  className: string;
  name: string;
  config: LayerConfig;
  /** Per use, references to what it takes. */
  inboundNodes: readonly (readonly Reference[])[];
}

export interface SavedGraph {
  name?: string;
  layers: readonly SavedLayer[];
  inputLayers: readonly Reference[];
  outputLayers: readonly Reference[];
}

/**
 * The model that was saved, its layers made by `makeLayer`. Throws INVALID_ARGUMENT where references lead nowhere or in a circle.
 */
export function rebuildGraph(saved: SavedGraph, makeLayer: (saved: SavedLayer) => Layer): Functional {
  const layers = new Map<string, { layer: Layer; saved: SavedLayer; uses: (LayerNode | undefined)[] }>();
  for (const each of saved.layers) {
    if (layers.has(each.name)) fail(`two layers are called '${each.name}'`);
    const layer = makeLayer(each);
    layers.set(each.name, {
      layer,
      saved: each,
      uses: layer instanceof InputLayer ? [layer.output.node] : [],
    });
  }
  const lookUp = ([name, use, output]: Reference): SymbolicTensor | undefined => {
    const found = layers.get(name);
    if (!found) fail(`there is no layer '${name}' that a reference names`);
    const node = found.uses[use];
    return node && (node.outputs[output] ?? fail(`'${name}' has no output number ${output}`));
  };
  // Layers are listed in an order of their own: go over them until all uses are made.
  let left = saved.layers.flatMap(({ name, inboundNodes }) =>
    inboundNodes.map((taken, use) => ({ name, taken, use })),
  );
  while (left.length > 0) {
    const waiting = left.filter(({ name, taken, use }) => {
      const inputs = taken.map(lookUp);
      const entry = layers.get(name) as NonNullable<ReturnType<typeof layers.get>>;
      const isTurn = use === entry.uses.length;
      if (!isTurn || inputs.some((each) => each === undefined)) return true;
      const ready = inputs as SymbolicTensor[];
      entry.layer.apply(entry.layer.takesSeveral ? ready : ready[0]);
      entry.uses[use] = entry.layer.nodes[use];
      return false;
    });
    if (waiting.length === left.length) fail(`the layer '${left[0].name}' waits for what is never made`);
    left = waiting;
  }
  const resolve = (reference: Reference) =>
    lookUp(reference) ?? fail(`the layer '${reference[0]}' has no use number ${reference[1]}`);
  const options = { inputs: saved.inputLayers.map(resolve), outputs: saved.outputLayers.map(resolve) };
  return new Functional(saved.name === undefined ? options : { ...options, name: saved.name });
}

function fail(problem: string): never {
  throw new ConvforgeError('INVALID_ARGUMENT', `The saved model: ${problem}.`);
}
