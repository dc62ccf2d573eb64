import type { Layer } from '../layers/base-layer.js';
import { Reshape } from '../layers/reshaping/reshape.js';
import { sameShape } from '../layers/shapes.js';
import { type FileNames, fileNames } from '../network/file-names.js';
import { type Model, modelOf } from '../network/model.js';
import type { LayerEntry, Reference, SavedGraph } from '../network/saved-config.js';
import { toPythonCase } from './casing.js';
import { FORMAT } from './origin.js';
import type { JsonObject } from './read-model-json.js';
import { tfjsConfig } from './tfjs-names.js';

/** Writes a model without weights, as TF.js does. */
export function writeTopology(model: Model): JsonObject {
  const topology = {
    className: model.getClassName(),
    config: renamed(model, model.getConfig(), fileNames(model)),
  };
  return {
    ...toPythonCase(tfjsConfig(topology)),
    // Readers examine these two: the TF.js version of the format, and TF.js's own name, in its spelling.
    keras_version: 'tfjs-layers 4.22.0',
    backend: 'tensor_flow.js',
    convforge: { format: FORMAT },
  };
}

/**
 * TF.js can't infer the open size of a Reshape when it loads a model. So the inferred size is written, if it
 * is the same in all uses, and the original options go under `convforge`.
 */
function knownSizes(layer: Layer): Pick<LayerEntry, 'config' | 'convforge'> | undefined {
  if (!(layer instanceof Reshape) || !layer.targetShape.includes(-1)) return undefined;
  const [first, ...others] = layer.nodes.map(({ outputs }) => outputs[0].sampleShape);
  if (first.includes(null) || !others.every((shape) => sameShape(shape, first))) return undefined;
  return {
    config: { targetShape: [...first] },
    convforge: { options: { targetShape: [...layer.targetShape] } },
  };
}

/** A model's config with its layers' names in the file. */
function renamed(model: Model, config: JsonObject, names: FileNames): JsonObject {
  const own = new Map(model.layers.map((layer) => [layer.name, names.get(model)?.get(layer) as string]));
  const reference = ([name, ...rest]: Reference): Reference => [own.get(name) as string, ...rest];
  const { layers, inputLayers, outputLayers } = config as unknown as SavedGraph;
  const entries = layers.map((entry, i): LayerEntry => {
    const layer = model.layers[i];
    const name = own.get(layer.name) as string;
    const known = knownSizes(layer);
    return {
      ...entry,
      ...('name' in entry && { name }),
      config: { ...renamedInside(layer, entry.config, names), ...known?.config, name },
      ...('inboundNodes' in entry && { inboundNodes: entry.inboundNodes.map((node) => node.map(reference)) }),
      ...((known || name !== layer.name) && {
        convforge: {
          ...entry.convforge,
          ...known?.convforge,
          ...(name !== layer.name && { name: layer.name }),
        },
      }),
    };
  });
  if (!inputLayers) return { ...config, layers: entries };
  return {
    ...config,
    layers: entries,
    inputLayers: inputLayers.map(reference),
    outputLayers: outputLayers.map(reference),
  };
}

/** A layer's config, with its nested models' layers renamed too. */
function renamedInside(layer: Layer, config: JsonObject, names: FileNames): JsonObject {
  const inner = modelOf(layer);
  if (inner) return renamed(inner, config, names);
  if (!layer.inner) return config;
  const entry = config.layer as LayerEntry;
  return { ...config, layer: { ...entry, config: renamedInside(layer.inner, entry.config, names) } };
}
