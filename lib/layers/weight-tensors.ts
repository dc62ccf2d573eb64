import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import { isFloat32Array } from '../realms.js';
import { Tensor } from '../tensor/index.js';
import { sameShape } from './shapes.js';
import { readStores, type WeightSpec, type WeightStore, writeStores } from './weight-store.js';

/** An owner of weights: a layer, or a model used as one. */
export interface WeightOwner {
  readonly name: string;
  readonly stores: readonly WeightStore[];
  /** The stores of layers that aren't frozen. */
  readonly trainableStores: readonly WeightStore[];
  readonly weightParts: WeightParts;
}

/** A weight and where its values are stored. */
export interface WeightRef {
  spec: WeightSpec;
  store: WeightStore;
  /** Index of the weight in the store. */
  index: number;
}

/** The weights of a layer or model in the two lists that TF.js orders them by. */
export interface WeightParts {
  readonly trainable: readonly WeightRef[];
  /** Statistics that layers update themselves, and the weights of frozen layers. */
  readonly others: readonly WeightRef[];
}

/** Splits the weights of these stores. */
export function weightParts(stores: readonly WeightStore[], isTrainable: boolean): WeightParts {
  const all = stores.flatMap((store) => store.specs.map((spec, index) => ({ spec, store, index })));
  const changes = ({ spec }: WeightRef) => spec.trainable !== false;
  const others = all.filter((weight) => !changes(weight));
  return withTrainable({ trainable: all.filter(changes), others }, isTrainable);
}

/** The weights of several layers, layer by layer. Shared weights appear once. */
export function joinParts(owners: readonly WeightOwner[], isTrainable = true): WeightParts {
  const parts = owners.map((owner) => owner.weightParts);
  const taken = new Map<WeightStore, Set<number>>();
  const isNew = ({ store, index }: WeightRef) => {
    const indices = taken.get(store) ?? new Set();
    const { size } = indices;
    taken.set(store, indices.add(index));
    return indices.size > size;
  };
  const trainable = parts.flatMap((part) => part.trainable).filter(isNew);
  const others = parts.flatMap((part) => part.others).filter(isNew);
  return withTrainable({ trainable, others }, isTrainable);
}

function withTrainable({ trainable, others }: WeightParts, isTrainable: boolean): WeightParts {
  return isTrainable ? { trainable, others } : { trainable: [], others: [...trainable, ...others] };
}

/**
 * All weights that training can update, layer by layer, whether frozen or not; then the statistics that
 * layers update themselves.
 */
export function weightsByLayer(owners: readonly WeightOwner[]): WeightRef[] {
  const stores = new Set(owners.flatMap((owner) => owner.stores));
  const { trainable, others } = weightParts([...stores], true);
  return [...trainable, ...others];
}

/**
 * The weights in TF.js's order: first those that training updates, layer by layer, then statistics and the
 * weights of frozen layers, layer by layer.
 */
export function weightRefs(owners: readonly WeightOwner[]): WeightRef[] {
  const { trainable, others } = joinParts(owners);
  return [...trainable, ...others];
}

/**
 * Copies of the weights, in the order of weightRefs; with `trainableOnly` only those that training
 * updates. Throws MODEL_BUSY while a model trains them.
 */
export function weightTensors(owners: readonly WeightOwner[], trainableOnly = false): Tensor[] {
  const weights = chosenWeights(owners, trainableOnly);
  const stores = [...new Set(weights.map(({ store }) => store))];
  return asTensors(weights, new Map(readStores(stores).map((arrays, i) => [stores[i], arrays])));
}

/** The weights that weightTensors gives. */
export function chosenWeights(owners: readonly WeightOwner[], trainableOnly: boolean): WeightRef[] {
  const open = new Set(owners.flatMap((owner) => (trainableOnly ? owner.trainableStores : owner.stores)));
  return weightRefs(owners).filter(
    ({ spec, store }) => open.has(store) && !(trainableOnly && spec.trainable === false),
  );
}

/** Tensors of weights, whose stores have these values. */
export function asTensors(
  weights: readonly WeightRef[],
  values: ReadonlyMap<WeightStore, readonly Float32Array[]>,
): Tensor[] {
  return weights.map(({ spec, store, index }) => {
    const arrays = values.get(store) as readonly Float32Array[];
    return new Tensor(arrays[index], spec.shape, 'float32');
  });
}

/**
 * Sets the weights, in the order of weightRefs. Throws SHAPE_MISMATCH and INVALID_ARGUMENT, and MODEL_BUSY
 * while a model trains them.
 */
export function writeWeightTensors(
  owner: string,
  owners: readonly WeightOwner[],
  tensors: readonly Tensor[],
): void {
  writeStores(checkedWeights(owner, owners, tensors));
}

/** The values of each store, in the order of weightRefs. Throws SHAPE_MISMATCH and INVALID_ARGUMENT. */
export function checkedWeights(
  owner: string,
  owners: readonly WeightOwner[],
  tensors: readonly Tensor[],
): ReadonlyMap<WeightStore, Float32Array[]> {
  const weights = weightRefs(owners);
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
  return values;
}

function readValues({ spec: { name, shape }, store }: WeightRef, tensor: unknown): Float32Array {
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
  return isFloat32Array(values) ? values : Float32Array.from(values);
}
