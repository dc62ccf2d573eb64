import { corrupt } from '../../io/failures.js';
import { type Hdf5Dataset, type Hdf5Group, openHdf5 } from '../../io/hdf5.js';
import { parseMember } from '../../io/keras-files.js';
import { inFloat32 } from '../../io/keras-refusals.js';
import { readZip } from '../../io/zip.js';
import { sizeOf } from '../../tensor/shapes.js';
import type { Description } from './description.js';
import { describeLayers } from './layers.js';
import { describeTensors } from './tensors.js';

/** Describes an archive in Keras's .keras format. Its weights aren't read. */
export async function describeArchive(path: string, bytes: Uint8Array): Promise<Description> {
  const members = await readZip(bytes, path);
  const read = async (name: string) => {
    const member = members.get(name);
    if (!member) throw corrupt(path, `the archive has no ${name}`);
    return parseMember(path, name, Buffer.from(await member()).toString('utf8'));
  };
  const model = await read('config.json');
  const { keras_version } = members.has('metadata.json') ? await read('metadata.json') : {};
  const json = {
    modelTopology: { ...inFloat32(model), ...(keras_version !== undefined && { keras_version }) },
  };
  return describeLayers(path, json, { kind: "a model in Keras's .keras format", open: 'loadModel(path)' });
}

/** Describes a model of Keras in HDF5, or weights alone, by the headers of its arrays. */
export async function describeHdf5(path: string, bytes: Uint8Array): Promise<Description> {
  const { root, close } = await openHdf5(bytes, path);
  try {
    const config = root.attributes.get('model_config');
    return typeof config === 'string' ? wholeModel(path, root, config) : weightsAlone(root);
  } finally {
    close();
  }
}

function wholeModel(path: string, root: Hdf5Group, config: string): Description {
  const version = root.attributes.get('keras_version');
  const model = inFloat32(parseMember(path, 'model_config', config));
  const json = { modelTopology: { ...model, ...(version !== undefined && { keras_version: version }) } };
  return describeLayers(path, json, {
    kind: "a model in HDF5, Keras's .h5 format",
    open: 'loadModel(path)',
  });
}

/** Keras 3 lists weights by paths; Keras 2 has the names of layers as an attribute. */
function weightsAlone(root: Hdf5Group): Description {
  const version = root.attributes.get('keras_version');
  const isOptimizer = (name: string) => /^\/?optimizer(\/|$|_weights\/)/.test(name);
  const tensors = [...datasetsOf(root)].filter(({ path }) => !isOptimizer(path));
  return describeTensors(
    tensors.map(({ dtype, shape }) => ({ dtype, elements: sizeOf(shape) })),
    {
      kind: 'weights of Keras without layers, in HDF5 (.weights.h5)',
      writer: typeof version === 'string' ? `Keras ${version}` : 'unknown',
      open: 'make the same layers, and model.loadWeights(path)',
    },
  );
}

function* datasetsOf(root: Hdf5Group): Generator<Hdf5Dataset, void> {
  const groups = [root];
  for (let group = groups.pop(); group; group = groups.pop()) {
    for (const child of group.children.values()) {
      if (child.kind === 'group') groups.push(child);
      else yield child;
    }
  }
}
