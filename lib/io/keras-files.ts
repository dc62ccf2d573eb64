import { corrupt } from './failures.js';
import { type Hdf5Group, openHdf5, stringList } from './hdf5.js';
import { checkKerasConfig, inFloat32, tellPolicy } from './keras-refusals.js';
import { kerasTraining } from './keras-training.js';
import { isObject, type JsonObject, parseJson } from './read-model-json.js';
import { readZip } from './zip.js';

const WEIGHTS = 'model.weights.h5';

/** A model of Keras, opened. */
export interface KerasFile {
  /** As in a model.json: modelTopology and trainingConfig. */
  json: JsonObject;
  /** The group of the weights. */
  weights: Hdf5Group;
  /** The group of the optimizer's arrays. */
  optimizer?: Hdf5Group;
  /** Whether Keras 3's layout by paths, or that by the names of layers. */
  layout: 'paths' | 'names';
  close(): void;
}

/** Opens a zip that Keras 3 or tf-keras wrote. Rejects with CORRUPT_FILE, UNSUPPORTED, TOO_LARGE. */
export async function openKerasArchive(file: string, bytes: Uint8Array): Promise<KerasFile> {
  const members = await readZip(bytes, file);
  const read = async (name: string) => {
    const member = members.get(name);
    if (!member) throw corrupt(file, `the archive has no ${name}`);
    return member();
  };
  const readJson = async (name: string) =>
    parseMember(file, name, Buffer.from(await read(name)).toString('utf8'));
  const { compile_config: compiled, ...model } = await readJson('config.json');
  const { keras_version, user_defined_metadata: metadata } = members.has('metadata.json')
    ? await readJson('metadata.json')
    : {};
  checkKerasConfig(file, model);
  tellPolicy(file, model);
  const json: JsonObject = {
    modelTopology: { ...inFloat32(model), ...(keras_version !== undefined && { keras_version }) },
    ...(isObject(compiled) &&
      isObject(compiled.optimizer) && { trainingConfig: kerasTraining(file, compiled) }),
    ...(metadata !== undefined && { userDefinedMetadata: metadata }),
  };
  const { root, close } = await openHdf5(await read(WEIGHTS), `${file}/${WEIGHTS}`);
  const optimizer = optimizerOf(root);
  return {
    json,
    weights: root,
    ...(optimizer && { optimizer }),
    layout: 'paths',
    close,
  };
}

/** Opens a whole model in HDF5. Rejects as openKerasArchive does. */
export async function openKerasHdf5(file: string, bytes: Uint8Array): Promise<KerasFile> {
  const { root, close } = await openHdf5(bytes, file);
  try {
    return { ...readWholeModel(file, root), close };
  } catch (error) {
    close();
    throw error;
  }
}

/** The group of the optimizer: of the inner one, if it scales losses for mixed precision. */
function optimizerOf(root: Hdf5Group): Hdf5Group | undefined {
  const optimizer = root.children.get('optimizer');
  if (optimizer?.kind !== 'group') return undefined;
  const inner = optimizer.children.get('inner_optimizer');
  return inner?.kind === 'group' ? inner : optimizer;
}

/** Weights that Keras wrote, with or without their model. */
export type KerasWeightsFile = Omit<KerasFile, 'json'>;

/** Opens the weights in a file: alone, in a .keras archive, or of a whole model. Rejects as openKerasArchive does. */
export async function openKerasWeights(file: string, bytes: Uint8Array): Promise<KerasWeightsFile> {
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  const member = isZip ? (await readZip(bytes, file)).get(WEIGHTS) : async () => bytes;
  if (!member) throw corrupt(file, `the archive has no ${WEIGHTS}`);
  const { root, close } = await openHdf5(await member(), isZip ? `${file}/${WEIGHTS}` : file);
  const whole = root.children.get('model_weights');
  const byName = whole?.kind === 'group' ? whole : root;
  if (stringList(byName.attributes, 'layer_names')) return { weights: byName, layout: 'names', close };
  const optimizer = optimizerOf(root);
  return {
    weights: root,
    ...(optimizer && { optimizer }),
    layout: 'paths',
    close,
  };
}

function readWholeModel(file: string, root: Hdf5Group): Omit<KerasFile, 'close'> {
  const config = root.attributes.get('model_config');
  const weights = root.children.get('model_weights');
  if (typeof config !== 'string' || weights?.kind !== 'group') {
    throw corrupt(
      file,
      'it has no model_config and model_weights, so it is no whole model of Keras; if it has weights, make their model, and call model.loadWeights(path)',
    );
  }
  const training = root.attributes.get('training_config');
  const version = root.attributes.get('keras_version');
  const optimizer = root.children.get('optimizer_weights');
  const model = parseMember(file, 'model_config', config);
  checkKerasConfig(file, model);
  tellPolicy(file, model);
  return {
    json: {
      modelTopology: { ...inFloat32(model), ...(version !== undefined && { keras_version: version }) },
      ...(typeof training === 'string' && {
        trainingConfig: kerasTraining(file, parseMember(file, 'training_config', training)),
      }),
    },
    weights,
    ...(optimizer?.kind === 'group' && { optimizer }),
    layout: 'names',
  };
}

/** Parses the JSON object in a member of a file, or in an attribute. Throws CORRUPT_FILE. */
export function parseMember(file: string, name: string, text: string): JsonObject {
  try {
    const json = parseJson(text);
    if (isObject(json)) return json;
  } catch (error) {
    throw corrupt(file, `${name} is not valid JSON`, error);
  }
  throw corrupt(file, `${name} holds no object`);
}
