import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import { Tensor } from '../tensor/index.js';
import { sameShape } from './shapes.js';
import { readStores, type WeightSpec, type WeightStore, writeStores } from './weight-store.js';

/** What has weights: a layer, or a model used as one. */
export interface WeightOwner {
  readonly name: string;
  readonly stores: readonly WeightStore[];
  /** Those whose layers aren't frozen. */
  readonly trainableStores: readonly WeightStore[];
}

/** A weight and where its values are. */
export interface PlacedWeight {
  spec: WeightSpec;
  store: WeightStore;
  /** Its place in the store. */
  index: number;
}

/** As TF.js orders them: all that training can change, layer by layer, then the statistics that layers keep. */
export function placedWeights(owners: readonly WeightOwner[]): PlacedWeight[] {
  const stores = new Set(owners.flatMap((owner) => owner.stores));
  const all = [...stores].flatMap((store) => store.specs.map((spec, index) => ({ spec, store, index })));
  const changes = ({ spec }: PlacedWeight) => spec.trainable !== false;
  return [...all.filter(changes), ...all.filter((weight) => !changes(weight))];
}

/** Copies, in the order of placedWeights; of those alone that training changes, if asked. Throws MODEL_BUSY while a model trains them. */
export function weightTensors(owners: readonly WeightOwner[], trainableOnly = false): Tensor[] {
  const open = new Set(owners.flatMap((owner) => (trainableOnly ? owner.trainableStores : owner.stores)));
  const weights = placedWeights(owners).filter(
    ({ spec, store }) => open.has(store) && !(trainableOnly && spec.trainable === false),
  );
  const stores = [...new Set(weights.map(({ store }) => store))];
  const values = new Map(readStores(stores).map((arrays, i) => [stores[i], arrays]));
  return weights.map(({ spec, store, index }) => {
    const arrays = values.get(store) as Float32Array[];
    return new Tensor(arrays[index], spec.shape, 'float32');
  });
}

/** In the order of placedWeights. Throws SHAPE_MISMATCH, INVALID_ARGUMENT; MODEL_BUSY while a model trains them. */
export function writeWeightTensors(
  owner: string,
  owners: readonly WeightOwner[],
  tensors: readonly Tensor[],
): void {
  const weights = placedWeights(owners);
  if (!Array.isArray(tensors) || tensors.length !== weights.length) {
    const given = Array.isArray(tensors) ? `${tensors.length} were given` : `${show(tensors)} was given`;
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `${owner}: setWeights takes a list of ${weights.length} tensors, one for each weight; ${given}.`,
    );
  }
  const values = new Map<WeightStore, Float32Array[]>();
  for (const [i, weight] of weights.entries()) {
    const arrays = values.get(weight.store) ?? [];
    arrays[weight.index] = readValues(weight, tensors[i]);
    values.set(weight.store, arrays);
  }
  writeStores(values);
}

function readValues({ spec: { name, shape }, store }: PlacedWeight, tensor: unknown): Float32Array {
  const layer = store.layerName;
  if (!(tensor instanceof Tensor)) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `${layer}: the ${name} is ${show(tensor)}; it must be a tensor of [${shape.join(', ')}].`,
      { layer },
    );
  }
  if (!sameShape(tensor.shape, shape)) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `${layer}: the ${name} given has shape [${tensor.shape.join(', ')}]; it must be [${shape.join(', ')}].`,
      { layer },
    );
  }
  const values = tensor.dataSync();
  return values instanceof Float32Array ? values : Float32Array.from(values);
}
