import '@tensorflow/tfjs-backend-cpu';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tfjs from '@tensorflow/tfjs-core';
import * as tfjsLayers from '@tensorflow/tfjs-layers';
import { expect } from 'vitest';
import { type LayersModel, loadLayersModel, type Tensor, tensor } from '../../lib/index.js';
import { expectClose } from './numeric.js';

// Silences TF.js's advice to install the Node backend.
tfjs.env().set('IS_TEST', true);

/** Values and their shape, the batch included. */
export interface Given {
  shape: readonly number[];
  values: readonly number[];
}

/** `count` samples of numbers in [-1, 1) for each input of these shapes. */
export function someSamples(shapes: readonly (readonly number[])[], count = 2): Given[] {
  return shapes.map((shape, input) => {
    const size = count * shape.reduce((product, length) => product * length, 1);
    const values = Array.from({ length: size }, (_, i) => (((i + 3 * input) * 37) % 17) / 8 - 1);
    return { shape: [count, ...shape], values };
  });
}

/** Loads the model in a folder with TF.js. */
export async function loadInTfjs(folder: string): Promise<tfjsLayers.LayersModel> {
  const json = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8'));
  const [{ paths, weights: weightSpecs }] = json.weightsManifest;
  const bytes = await readFile(join(folder, paths[0]));
  const weightData = Uint8Array.from(bytes).buffer;
  return tfjsLayers.loadLayersModel({
    load: async () => ({ ...json, weightSpecs, weightData }),
  });
}

/** Saves a TF.js model in a folder. */
export async function saveFromTfjs(
  model: tfjsLayers.LayersModel,
  folder: string,
  includeOptimizer = false,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const save = async (artifacts: tfjs.io.ModelArtifacts) => {
    const { weightSpecs, weightData, ...rest } = artifacts;
    const json = { ...rest, weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }] };
    await writeFile(join(folder, 'weights.bin'), new Uint8Array(weightData as ArrayBuffer));
    await writeFile(join(folder, 'model.json'), JSON.stringify(json));
    return { modelArtifactsInfo: tfjs.io.getModelArtifactsInfoForJSON(artifacts) };
  };
  await model.save({ save }, { includeOptimizer });
}

const asList = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

/** The predictions of a TF.js model for these inputs, output by output. */
export function predictInTfjs(model: tfjsLayers.LayersModel, x: readonly Given[]): number[][] {
  const inputs = x.map(({ values, shape }) => tfjs.tensor([...values], [...shape]));
  const outputs = asList(model.predict(inputs.length === 1 ? inputs[0] : inputs));
  return outputs.map((output) => Array.from(output.dataSync()));
}

/** The predictions of a convforge model. */
export function predictInOurs(model: LayersModel, x: readonly Given[]): number[][] {
  const inputs = x.map(({ values, shape }) => tensor([...values], [...shape]));
  const outputs: Tensor | Tensor[] = model.predict(inputs);
  return asList<Tensor>(outputs).map((output) => Array.from(output.dataSync()));
}

/**
 * Saves a convforge model in a folder, and expects TF.js to load the same predictions, order of layers and
 * weights.
 */
export async function expectTfjsReads(model: LayersModel, folder: string): Promise<tfjsLayers.LayersModel> {
  await model.save(folder);
  const theirs = await loadInTfjs(folder);
  await expectSame(model, theirs);
  return theirs;
}

/** Saves a TF.js model in a folder, and expects convforge to load the same. */
export async function expectWeRead(model: tfjsLayers.LayersModel, folder: string): Promise<LayersModel> {
  await saveFromTfjs(model, folder);
  const ours = await loadLayersModel(folder);
  await expectSame(ours, model);
  return ours;
}

async function expectSame(ours: LayersModel, theirs: tfjsLayers.LayersModel): Promise<void> {
  const x = someSamples(ours.inputs.map(({ sampleShape }) => sampleShape as number[]));
  const expected = predictInTfjs(theirs, x);
  for (const [i, values] of predictInOurs(ours, x).entries())
    expectClose(values, expected[i], { absolute: 1e-5 });
  expect(ours.layers.map(({ name }) => name)).toEqual(theirs.layers.map(({ name }) => name));
  const shapes = (weights: readonly { shape: readonly number[] }[]) => weights.map(({ shape }) => [...shape]);
  expect(shapes(ours.getWeights())).toEqual(shapes(theirs.getWeights()));
}
