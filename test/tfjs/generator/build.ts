import * as ours from '../../../lib/index.js';
import { type GraphSpec, type LayerSpec, Made, type Options } from './spec.js';

/** Functions that both packages have by the same name. Their types differ, so calls can't be typed for both. */
// biome-ignore lint/suspicious/noExplicitAny: see above.
export type Package = any;

/** A layer of either package. */
export function makeLayer(tf: Package, { make, options, optionsHere, model }: LayerSpec): Package {
  if (model) return buildGraph(tf, model);
  const own = tf === ours ? { ...options, ...optionsHere } : options;
  return tf.layers[make as string](resolve(tf, own));
}

/** A copy, since TF.js modifies its arguments. */
function resolve(tf: Package, options: Options): Options {
  const value = (each: unknown) => {
    if (each instanceof Made) return tf[each.namespace][each.name](resolve(tf, each.config));
    return structuredClone(each);
  };
  return Object.fromEntries(Object.entries(options).map(([key, each]) => [key, value(each)]));
}

export function buildGraph(tf: Package, graph: GraphSpec): Package {
  const name = graph.name === undefined ? {} : { name: graph.name };
  if (graph.kind === 'sequential') return tf.sequential({ layers: chainOf(tf, graph), ...name });
  const inputs = graph.inputs.map(({ shape, told = shape }) => tf.input({ shape: [...told] }));
  const values = [...inputs];
  const layers = graph.layers.map((layer) => makeLayer(tf, layer));
  for (const { layer, inputs } of graph.uses) {
    const taken = inputs.map((value) => values[value]);
    const given = layers[layer].apply(taken.length === 1 ? taken[0] : taken);
    values.push(...(Array.isArray(given) ? given : [given]));
  }
  const outputs = graph.outputs.map((value) => values[value]);
  return tf.model({ inputs: only(inputs), outputs: only(outputs), ...name });
}

const only = <T>(list: readonly T[]): T | readonly T[] => (list.length === 1 ? list[0] : list);

function chainOf(tf: Package, { inputs, layers, start }: GraphSpec): Package[] {
  const inputShape = [...(inputs[0].told ?? inputs[0].shape)];
  if (start === undefined) return layers.map((layer) => makeLayer(tf, layer));
  if (start === 'inputLayer')
    return [tf.layers.inputLayer({ inputShape }), ...layers.map((layer) => makeLayer(tf, layer))];
  const shape = start === 'inputShape' ? { inputShape } : { batchInputShape: [null, ...inputShape] };
  const [first, ...others] = layers;
  const told = { ...first, options: { ...first.options, ...shape } };
  return [told, ...others].map((layer) => makeLayer(tf, layer));
}
