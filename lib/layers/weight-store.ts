import { ConvforgeError } from '../errors.js';
import { isError } from '../realms.js';
import type { Initializer } from '../initializers/index.js';
import type { Shape } from '../program/description.js';
import { SlicedWork } from '../program/sliced-work.js';
import { nextSeed, RandomGenerator } from '../random/index.js';
import { elementCount } from './shapes.js';

/** Values that are copied in a few milliseconds. */
const COPIED_VALUES = 2 ** 20;

/** A weight as a layer describes it. */
export interface WeightSpec {
  /** "kernel", "bias", "gamma"... */
  name: string;
  /** Shape of the weight. */
  shape: Shape;
  /** How it is initialized. */
  initializer: Initializer;
  /** False for statistics that the layer updates itself. Default true. */
  trainable?: boolean;
}

/** The state of a model, which holds the newest values of a store in an engine's memory. */
export interface WeightHolder {
  /** Copies the values of all stores that it holds. Throws MODEL_BUSY while a step may be running. */
  readWeights(): ReadonlyMap<WeightStore, Float32Array[]>;
  /** Replaces values. Throws MODEL_BUSY while a step may be running. */
  writeWeights(values: ReadonlyMap<WeightStore, readonly Float32Array[]>): void;
}

/**
 * The weights of a layer, shared by all models that use the layer. The store has the values, or has yet to
 * draw them, until a model runs with them. That model then holds them, and other models copy them when
 * `version` has changed.
 */
export class WeightStore {
  readonly specs: readonly WeightSpec[];
  /** Changes whenever the values do, except during the steps of a running training. */
  version = 0;
  holder?: WeightHolder;
  /** Called before anybody but a holder uses the values: a model may be about to hold them. */
  beforeUse?: () => void;
  /** How many models that aren't disposed use the layer. */
  models = 0;
  readonly #nameLayer: () => string;
  readonly #seeds: readonly number[];
  #values: (Float32Array | undefined)[];

  /**
   * Draws the seeds now, so that values depend on the order in which layers are applied, not on the order in
   * which they are run.
   */
  constructor(specs: readonly WeightSpec[], layerName: () => string) {
    this.specs = specs;
    this.#nameLayer = layerName;
    this.#seeds = specs.map(() => nextSeed());
    this.#values = specs.map(() => undefined);
  }

  get layerName(): string {
    return this.#nameLayer();
  }

  /** The values themselves, not copies; draws them if needed. Must not be called while there is a holder. */
  own(): Float32Array[] {
    new SlicedWork(this.drawInSlices()).wait();
    return this.#values as Float32Array[];
  }

  /** Draws the values that are needed, in slices of a few milliseconds. Nothing to do while there is a holder. */
  *drawInSlices(): Generator<void, void> {
    for (const [i, spec] of this.specs.entries()) {
      if (this.holder || this.#values[i]) continue;
      const values = yield* drawWeight(this.layerName, spec, this.#seeds[i]);
      // Others may have set or handed over the values meanwhile.
      if (!this.holder) this.#values[i] ??= values;
    }
  }

  /** Hands the values over to a holder, which must have copied them. */
  moveTo(holder: WeightHolder): void {
    this.holder = holder;
    this.#values = this.specs.map(() => undefined);
  }

  /** Takes the values back from a holder, or takes new ones. */
  keep(values: readonly Float32Array[]): void {
    this.holder = undefined;
    this.#values = [...values];
    this.version++;
  }
}

/** What has weights: a layer, or a model used as one. */
interface StoreOwner {
  readonly stores: readonly WeightStore[];
}

/** The stores of these layers, each once. */
export function storesOf(layers: readonly StoreOwner[]): ReadonlySet<WeightStore> {
  return new Set(layers.flatMap(({ stores }) => stores));
}

/** Must be called with layers that a model gains. */
export function retainStores(layers: readonly StoreOwner[]): void {
  for (const store of storesOf(layers)) store.models++;
}

/** Must be called with layers that a model loses, once their weights are back in their stores. */
export function releaseStores(layers: readonly StoreOwner[]): void {
  for (const store of storesOf(layers)) store.models--;
}

/** Copies the values of stores. Throws MODEL_BUSY while a model that holds some may be running a step. */
export function readStores(stores: readonly WeightStore[]): Float32Array[][] {
  const held = new Map<WeightHolder, ReadonlyMap<WeightStore, Float32Array[]>>();
  return stores.map((store) => {
    store.beforeUse?.();
    const { holder } = store;
    if (!holder) return store.own().map((values) => values.slice());
    let values = held.get(holder);
    if (!values) {
      values = holder.readWeights();
      held.set(holder, values);
    }
    return values.get(store) as Float32Array[];
  });
}

/**
 * Replaces the values of stores. Lengths must match. Throws MODEL_BUSY while a model that holds some may be
 * running a step.
 */
export function writeStores(values: ReadonlyMap<WeightStore, readonly Float32Array[]>): void {
  replaceValues(values, (array) => array.slice());
}

/** The same for arrays that nobody else uses, which stores may keep. */
export function giveToStores(values: ReadonlyMap<WeightStore, readonly Float32Array[]>): void {
  replaceValues(values, (array) => array);
}

function replaceValues(
  values: ReadonlyMap<WeightStore, readonly Float32Array[]>,
  own: (array: Float32Array) => Float32Array,
): void {
  const held = new Map<WeightHolder, Map<WeightStore, readonly Float32Array[]>>();
  for (const [store, arrays] of values) {
    store.beforeUse?.();
    if (!store.holder) continue;
    const ofHolder = held.get(store.holder) ?? new Map<WeightStore, readonly Float32Array[]>();
    held.set(store.holder, ofHolder.set(store, arrays));
  }
  for (const [holder, ofHolder] of held) holder.writeWeights(ofHolder);
  for (const [store, arrays] of values) {
    if (store.holder) store.version++;
    else store.keep(arrays.map(own));
  }
}

/**
 * Copies the values of stores, one after another, in slices where no model holds the values. Undefined if any
 * were changed, or changed hands, meanwhile: they would be a mixture. Throws as readStores does.
 */
export async function readWeightsInSlices(
  stores: readonly WeightStore[],
): Promise<Float32Array[] | undefined> {
  return new SlicedWork(copyStoresInSlices(stores)).promise;
}

function* copyStoresInSlices(stores: readonly WeightStore[]): Generator<void, Float32Array[] | undefined> {
  for (const store of stores) yield* store.drawInSlices();
  const before = stores.map(({ holder, version }) => ({ holder, version }));
  const read = new Map<WeightStore, Float32Array[]>();
  for (const store of stores) {
    if (store.holder) continue;
    const copies: Float32Array[] = [];
    for (const values of store.own()) copies.push(yield* copyInSlices(values));
    read.set(store, copies);
  }
  const isSame = ({ holder, version }: WeightStore, i: number) =>
    holder === before[i].holder && version === before[i].version;
  if (!stores.every(isSame)) return undefined;
  const held = stores.filter(({ holder }) => holder);
  for (const [i, values] of readStores(held).entries()) read.set(held[i], values);
  return stores.flatMap((store) => read.get(store) as Float32Array[]);
}

function* copyInSlices(values: Float32Array): Generator<void, Float32Array> {
  const copy = new Float32Array(values.length);
  for (let start = 0; start < values.length; start += COPIED_VALUES) {
    copy.set(values.subarray(start, start + COPIED_VALUES), start);
    yield;
  }
  return copy;
}

function* drawWeight(layer: string, spec: WeightSpec, seed: number): Generator<void, Float32Array> {
  const { name, shape, initializer } = spec;
  try {
    return yield* initializer.buildInSlices(shape, new RandomGenerator(seed));
  } catch (cause) {
    if (!isError(cause) || cause.name !== 'RangeError') throw cause;
    throw new ConvforgeError(
      'OUT_OF_MEMORY',
      `${layer}: no memory for a ${name} of ${elementCount(shape)} elements.`,
      { cause, layer },
    );
  }
}
