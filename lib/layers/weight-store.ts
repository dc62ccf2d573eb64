import { ConvforgeError } from '../errors.js';
import type { Initializer } from '../initializers/index.js';
import type { Shape } from '../program/description.js';
import { nextSeed, RandomGenerator } from '../random/index.js';
import { elementCount } from './shapes.js';

/** A weight as a layer asks for it. */
export interface WeightSpec {
  /** "kernel", "bias", "gamma"... */
  name: string;
  /** Sizes of its axes. */
  shape: Shape;
  /** What draws its first values. */
  initializer: Initializer;
  /** False for statistics that the layer itself keeps. Default true. */
  trainable?: boolean;
}

/** What has the newest values of a store's weights in an engine's memory: the state of a model. */
export interface WeightHolder {
  /** Copies, of all stores that it holds. Throws MODEL_BUSY while a step may be under way. */
  readHeld(): ReadonlyMap<WeightStore, Float32Array[]>;
  /** Throws MODEL_BUSY while a step may be under way. */
  writeHeld(values: ReadonlyMap<WeightStore, readonly Float32Array[]>): void;
}

/**
 * The weights of a layer, which all models that the layer is in share. Values are here, or not yet drawn, until a model runs with
 * them; from then on that model holds them, and others copy them from it when `version` has changed.
 */
export class WeightStore {
  readonly specs: readonly WeightSpec[];
  /** Changes whenever the values do, except in the steps of a training that is under way. */
  version = 0;
  holder?: WeightHolder;
  /** How many models have the layer and weren't disposed of. */
  models = 0;
  readonly #nameLayer: () => string;
  readonly #seeds: readonly number[];
  #values: (Float32Array | undefined)[];

  /** Seeds are drawn here, so that values follow the order in which layers were joined, not that of their use. */
  constructor(specs: readonly WeightSpec[], layerName: () => string) {
    this.specs = specs;
    this.#nameLayer = layerName;
    this.#seeds = specs.map(() => nextSeed());
    this.#values = specs.map(() => undefined);
  }

  get layerName(): string {
    return this.#nameLayer();
  }

  /** The values, drawn if need be; not copies. Only without a holder. */
  own(): Float32Array[] {
    return this.specs.map((spec, i) => {
      this.#values[i] ??= drawWeight(this.layerName, spec, this.#seeds[i]);
      return this.#values[i] as Float32Array;
    });
  }

  /** Gives the values to a holder, which has copied them. */
  moveTo(holder: WeightHolder): void {
    this.holder = holder;
    this.#values = this.specs.map(() => undefined);
  }

  /** Takes values over, from a holder or from outside. */
  keep(values: readonly Float32Array[]): void {
    this.holder = undefined;
    this.#values = [...values];
    this.version++;
  }
}

/** Copies of the values of stores. Throws MODEL_BUSY while a model that holds some may be making a step. */
export function readStores(stores: readonly WeightStore[]): Float32Array[][] {
  const held = new Map<WeightHolder, ReadonlyMap<WeightStore, Float32Array[]>>();
  return stores.map((store) => {
    const { holder } = store;
    if (!holder) return store.own().map((values) => values.slice());
    let values = held.get(holder);
    if (!values) {
      values = holder.readHeld();
      held.set(holder, values);
    }
    return values.get(store) as Float32Array[];
  });
}

/** Values of the right lengths. Throws MODEL_BUSY while a model that holds some may be making a step. */
export function writeStores(values: ReadonlyMap<WeightStore, readonly Float32Array[]>): void {
  const held = new Map<WeightHolder, Map<WeightStore, readonly Float32Array[]>>();
  for (const [store, arrays] of values) {
    if (!store.holder) continue;
    const own = held.get(store.holder) ?? new Map<WeightStore, readonly Float32Array[]>();
    held.set(store.holder, own.set(store, arrays));
  }
  for (const [holder, own] of held) holder.writeHeld(own);
  for (const [store, arrays] of values) {
    if (store.holder) store.version++;
    else store.keep(arrays.map((array) => array.slice()));
  }
}

function drawWeight(layer: string, { name, shape, initializer }: WeightSpec, seed: number): Float32Array {
  try {
    return initializer.build(shape, new RandomGenerator(seed));
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ConvforgeError(
      'OUT_OF_MEMORY',
      `${layer}: no memory for a ${name} of ${elementCount(shape)} elements.`,
      { cause, layer },
    );
  }
}
