import type * as tfjs from '@tensorflow/tfjs-core';
import * as tfjsLayers from '@tensorflow/tfjs-layers';
import * as ours from '../../lib/index.js';

/** A saved model in the form that both packages pass to handlers. */
export type Artifacts = ours.io.ModelArtifacts;

export async function saveOurs(model: ours.LayersModel, includeOptimizer: boolean): Promise<Artifacts> {
  let saved: Artifacts = {};
  const handler = ours.io.withSaveHandlerSync((artifacts) => {
    saved = artifacts;
  });
  await model.save(handler, { includeOptimizer });
  return viaJson(saved);
}

export async function saveTheirs(
  model: tfjsLayers.LayersModel,
  includeOptimizer: boolean,
): Promise<Artifacts> {
  let saved: Artifacts = {};
  const save = async (artifacts: tfjs.io.ModelArtifacts) => {
    saved = artifacts as Artifacts;
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' as const } };
  };
  await model.save({ save }, { includeOptimizer });
  return viaJson(saved);
}

/** Everything but the weight values, serialized to JSON and parsed again, as in a model.json. */
function viaJson({ weightData, ...rest }: Artifacts): Artifacts {
  return { ...JSON.parse(JSON.stringify(rest)), weightData };
}

export function loadOurs(artifacts: Artifacts): Promise<ours.LayersModel> {
  return ours.loadLayersModel(ours.io.fromMemory(artifacts));
}

export function loadTheirs(artifacts: Artifacts): Promise<tfjsLayers.LayersModel> {
  return tfjsLayers.loadLayersModel({ load: async () => artifacts as tfjs.io.ModelArtifacts });
}

interface SavedWeight {
  name: string;
  values: Float32Array;
}

/** Names and values of the weights and of the optimizer's state. */
export function valuesOf({ weightSpecs = [], weightData }: Artifacts): {
  weights: SavedWeight[];
  slots: SavedWeight[];
} {
  const saved: { weights: SavedWeight[]; slots: SavedWeight[] } = { weights: [], slots: [] };
  let start = 0;
  for (const { name, shape, dtype, group } of weightSpecs) {
    const length = shape.reduce((product, size) => product * size, 1);
    const part = (weightData as ArrayBuffer).slice(start, start + 4 * length);
    const values = dtype === 'int32' ? Float32Array.from(new Int32Array(part)) : new Float32Array(part);
    saved[group === 'optimizer' ? 'slots' : 'weights'].push({ name, values });
    start += 4 * length;
  }
  return saved;
}
