import { Normalization } from '../layers/preprocessing/normalization.js';
import { fileNames } from '../network/file-names.js';
import type { Model } from '../network/model.js';
import { show } from '../options.js';
import { blaming, corrupt } from './failures.js';
import type { WeightEntry } from './manifest.js';
import type { WeightValues } from './weight-values.js';

/** A layer with the entries of what it was adapted to. */
interface Adapted {
  layer: Normalization;
  mean: WeightEntry;
  variance: WeightEntry;
}

/** Layers that were adapted to data: Keras has what they learned among the weights, and here it is part of their configs. */
export class AdaptedLayers {
  /** Entries that are no weights of the model's. */
  readonly taken = new Set<WeightEntry>();
  readonly #label: string;
  readonly #layers: Adapted[] = [];

  /** Throws CORRUPT_FILE where a layer's config and the weights have nothing for it. */
  constructor(label: string, model: Model, entries: readonly WeightEntry[]) {
    this.#label = label;
    const byName = new Map(entries.filter((entry) => !entry.isOptimizer).map((entry) => [entry.name, entry]));
    for (const layers of fileNames(model).values()) {
      for (const [layer, name] of layers) {
        if (!(layer instanceof Normalization) || layer.mean) continue;
        const find = (weight: string): WeightEntry => {
          const entry = byName.get(`${name}/${weight}`) ?? byName.get(`${name}/${name}/${weight}`);
          if (!entry) throw corrupt(label, `the weight ${show(`${name}/${weight}`)} is missing`);
          return this.#take(entry);
        };
        this.#layers.push({ layer, mean: find('mean'), variance: find('variance') });
        // How many samples it was adapted to.
        const count = byName.get(`${name}/count`) ?? byName.get(`${name}/${name}/count`);
        if (count) this.#take(count);
        // Until its own are read, so that the model can be described.
        layer.setMoments(0, 1);
      }
    }
  }

  /** Gives the layers what was read. Throws CORRUPT_FILE where it doesn't fit. */
  write(read: ReadonlyMap<WeightEntry, WeightValues>): void {
    for (const { layer, mean, variance } of this.#layers) {
      const valuesOf = (entry: WeightEntry) => Array.from(read.get(entry) as WeightValues);
      blaming(this.#label, () => {
        layer.setMoments(valuesOf(mean), valuesOf(variance));
        for (const { inputs } of layer.nodes) layer.computeOutputShape(inputs[0].sampleShape as number[]);
      });
    }
  }

  #take(entry: WeightEntry): WeightEntry {
    this.taken.add(entry);
    return entry;
  }
}
