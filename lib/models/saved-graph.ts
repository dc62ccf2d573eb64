import { ConvforgeError } from '../errors.js';
import type { Layer } from '../layers/base-layer.js';
import { InputLayer } from '../layers/core/input-layer.js';
import type { LayerNode, SymbolicTensor } from '../layers/symbolic-tensor.js';
import { firstUse, type Reference, type SavedGraph, type SavedLayer } from '../network/saved-config.js';
import { Functional } from './functional.js';

interface Entry {
  layer: Layer;
  saved: SavedLayer;
  /** Number of the layer's first use in references. */
  firstUse: number;
  uses: LayerNode[];
}

/**
 * Rebuilds a saved model, in slices, from layers that `makeLayer` creates. Throws INVALID_ARGUMENT for references to
 * missing layers and for cycles.
 */
export function* rebuildGraph(
  saved: SavedGraph,
  makeLayer: (saved: SavedLayer) => Generator<void, Layer>,
): Generator<void, Functional> {
  const layers = new Map<string, Entry>();
  for (const each of saved.layers) {
    if (layers.has(each.name)) fail(`two layers are called '${each.name}'`);
    const layer = yield* makeLayer(each);
    yield;
    if (layer instanceof InputLayer && each.inboundNodes.length > 0)
      fail(`the input '${each.name}' takes inputs`);
    layers.set(each.name, {
      layer,
      saved: each,
      firstUse: firstUse(layer),
      uses: layer instanceof InputLayer ? [layer.output.node] : [],
    });
  }
  const find = (name: string) =>
    layers.get(name) ?? fail(`there is no layer '${name}' that a reference names`);
  for (const [name, use] of referencesOf(saved)) {
    // Version 0.1.0, and Keras 3 for a Sequential model, number a model's uses from 0. Every use is
    // referenced, so use 0 shows up here.
    if (use === 0) find(name).firstUse = 0;
  }
  const lookUp = ([name, use, output]: Reference): SymbolicTensor | undefined => {
    const { uses, firstUse } = find(name);
    const node = uses[use - firstUse];
    return node && (node.outputs[output] ?? fail(`'${name}' has no output number ${output}`));
  };
  yield* applyAll([...layers.values()], find, lookUp);
  const resolve = (reference: Reference) =>
    lookUp(reference) ?? fail(`the layer '${reference[0]}' has no use number ${reference[1]}`);
  const options = { inputs: saved.inputLayers.map(resolve), outputs: saved.outputLayers.map(resolve) };
  return new Functional(saved.name === undefined ? options : { ...options, name: saved.name });
}

function referencesOf({ layers, outputLayers }: SavedGraph): Reference[] {
  return [...layers.flatMap(({ inboundNodes }) => inboundNodes.flat()), ...outputLayers];
}

/** Applies all layers, each use after those that it needs, in whatever order the file lists them. */
function* applyAll(
  entries: readonly Entry[],
  find: (name: string) => Entry,
  lookUp: (reference: Reference) => SymbolicTensor | undefined,
): Generator<void, void> {
  // Layers whose next use is needed, each by the one below it. An explicit stack, as files may nest deeper
  // than the call stack.
  const stack: Entry[] = [];
  const waiting = new Set<Entry>();
  const ask = (entry: Entry) => {
    if (waiting.has(entry)) fail(`the layer '${entry.saved.name}' takes an output that no layer computes`);
    waiting.add(entry);
    stack.push(entry);
  };
  for (const entry of entries) {
    while (entry.uses.length < entry.saved.inboundNodes.length) {
      if (stack.length === 0) ask(entry);
      const next = stack[stack.length - 1];
      const taken = next.saved.inboundNodes[next.uses.length];
      const missing = taken.find((reference) => lookUp(reference) === undefined);
      if (missing) {
        const [name, use] = missing;
        const asked = find(name);
        if (use - asked.firstUse >= asked.saved.inboundNodes.length)
          fail(`the layer '${name}' has no use number ${use}`);
        ask(asked);
        continue;
      }
      const inputs = taken.map(lookUp) as SymbolicTensor[];
      const [, , , options] = taken[taken.length - 1] ?? [];
      next.layer.apply(next.layer.takesSeveral || inputs.length !== 1 ? inputs : inputs[0], options);
      next.uses.push(next.layer.nodes[next.layer.nodes.length - 1]);
      waiting.delete(next);
      stack.pop();
      yield;
    }
  }
}

function fail(problem: string): never {
  throw new ConvforgeError('INVALID_ARGUMENT', `The saved model: ${problem}.`);
}
