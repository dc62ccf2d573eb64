import { open, readFile, stat } from 'node:fs/promises';
import { describeGraph } from '../../graph-model/describe.js';
import { unreadable } from '../../io/failures.js';
import { GRAPH_MODEL, HDF5, KERAS, kindOfFile, kindOfJson, ONNX, SAFETENSORS } from '../../io/file-kinds.js';
import { checkFile, findModelJson, readLocation } from '../../io/locations.js';
import { readModelJson } from '../../io/read-model-json.js';
import { describeOnnx } from '../../onnx/describe.js';
import type { Description } from './description.js';
import { describeArchive, describeHdf5 } from './keras.js';
import { describeLayers } from './layers.js';
import { describeSafetensors } from './tensors.js';

/**
 * Tells what is in a file, or in the folder of a model.json, without running it and without reading weights.
 * Rejects with IO_ERROR, CORRUPT_FILE, TOO_LARGE; UNSUPPORTED, with advice, for a file of an unknown kind.
 */
export async function describeFile(location: string): Promise<Description> {
  const path = readLocation(location, 'inspect');
  const found = await stat(path).catch((error) => {
    throw unreadable(path, error);
  });
  if (found.isDirectory()) return describeModelJson(await findModelJson(path));
  const file = await open(checkFile(path, found)).catch((error) => {
    throw unreadable(path, error);
  });
  try {
    const kind = await kindOfFile(file);
    if (kind === SAFETENSORS) return await describeSafetensors(path);
    if (kind === KERAS) return await describeArchive(path, await readFile(path));
    if (kind === HDF5) return await describeHdf5(path, await readFile(path));
    if (kind === ONNX) return await describeOnnxFile(path);
  } finally {
    await file.close();
  }
  return describeModelJson(path);
}

async function describeModelJson(path: string): Promise<Description> {
  const json = await readModelJson(path, ['layers-model', 'graph-model']);
  if (kindOfJson(json) !== GRAPH_MODEL) {
    return describeLayers(path, json, { kind: 'a layers model of TensorFlow.js', open: 'loadModel(path)' });
  }
  const { operations, undone, ...description } = describeGraph(path, json);
  return {
    kind: 'a graph model of TensorFlow.js',
    ...description,
    parts: 'operations',
    counts: Object.fromEntries(operations),
    undone: undone.map(({ op, name, problem }) => ({ what: op, place: name, why: problem })),
    open: 'loadGraphModel(path) or loadModel(path)',
  };
}

async function describeOnnxFile(path: string): Promise<Description> {
  const { writer, irVersion, opsets, inputs, outputs, parameters, operators, undone } = await describeOnnx(
    path,
    await readFile(path),
  );
  const sets = Object.entries(opsets).map(([domain, version]) => `${domain} ${version}`);
  return {
    kind: `an ONNX model, IR ${irVersion}, ${sets.join(', ')}`,
    writer,
    inputs: inputs.map(({ name, type, shape }) => ({ name, type, shape })),
    outputs: outputs.map(({ name, type, shape }) => ({ name, type, shape })),
    parameters,
    parts: 'operations',
    counts: Object.fromEntries(operators),
    undone: undone.map(({ node, index, why }) => ({ what: node, place: `node ${index}`, why })),
    open: 'loadModel(path)',
  };
}
