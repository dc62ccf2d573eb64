import { Normalization } from '../layers/preprocessing/normalization.js';
import { fileNames } from '../network/file-names.js';
import type { Model } from '../network/model.js';
import { show } from '../options.js';
import { errorsNaming, corrupt } from './failures.js';
import type { WeightEntry } from './manifest.js';
import type { WeightValues } from './weight-values.js';

/** A Normalization layer with the file's entries of its mean and variance. */
interface Adapted {
  layer: Normalization;
  mean: WeightEntry;
  variance: WeightEntry;
}

/**
 * Layers that were adapted to data. Keras stores what they learned among the weights; here it is part of
 * their configs.
 */
export class AdaptedLayers {
  /** Entries that belong to these layers and are no weights of the model. */
  readonly taken = new Set<WeightEntry>();
  readonly #label: string;
  readonly #layers: Adapted[] = [];

  /** Throws CORRUPT_FILE if neither a layer's config nor the weights have its moments. */
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
        // Number of samples that it was adapted to; unused.
        const count = byName.get(`${name}/count`) ?? byName.get(`${name}/${name}/count`);
        if (count) this.#take(count);
        // Placeholders until its own are read, so that the model can be described.
        layer.setMoments(0, 1);
      }
    }
  }

  /** Sets the layers' moments to the values read. Throws CORRUPT_FILE if they don't fit. */
  write(read: ReadonlyMap<WeightEntry, WeightValues>): void {
    for (const { layer, mean, variance } of this.#layers) {
      const valuesOf = (entry: WeightEntry) => Array.from(read.get(entry) as WeightValues);
      errorsNaming(this.#label, () => {
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
