import type { OptimizerDescription } from '../program/description.js';
import type { OptimizerState } from '../program/engine.js';
import { show } from '../options.js';
import { sameShape, showShape, sizeOf } from '../tensor/shapes.js';
import { corrupt } from './failures.js';
import type { WeightEntry } from './manifest.js';
import type { WeightValues } from './shards.js';
import type { NamedWeight } from '../models/named-weights.js';

/** The number of steps comes first, as TF.js has it. */
const ITERATIONS = 'iter';

export interface StoredWeight {
  entry: WeightEntry;
  values: WeightValues;
}

/** Per optimizer, its slots in the order in which TF.js writes them. */
function slotNames(optimizer: OptimizerDescription): string[] {
  if (optimizer.kind === 'adam') return ['m', 'v'];
  return optimizer.momentum > 0 ? ['momentum'] : [];
}

/**
 * What a stored slot is multiplied by when it is read. Momentum is kept here as Keras has it, v = momentum v - rate g, and in TF.js's
 * files without the rate, a = momentum a + g: so v = -rate a.
 */
function slotFactor(optimizer: OptimizerDescription): number {
  return optimizer.kind === 'sgd' ? -optimizer.learningRate : 1;
}

/** iter, then slot by slot one value per weight, "conv2d_1/kernel/m". */
export function storeOptimizer(
  optimizer: OptimizerDescription,
  state: OptimizerState,
  weights: readonly NamedWeight[],
): StoredWeight[] {
  const factor = slotFactor(optimizer);
  const unscale = (value: number) => (factor === 0 ? 0 : value / factor);
  const iterations: StoredWeight = {
    entry: { name: ITERATIONS, shape: [], dtype: 'int32', isOptimizer: true },
    values: Int32Array.of(state.iterations),
  };
  const slots = slotNames(optimizer).flatMap((slot) =>
    weights.map(({ name, shape, place }): StoredWeight => {
      const values = state.slots[slot][place];
      return {
        entry: { name: `${name}/${slot}`, shape, dtype: 'float32', isOptimizer: true },
        values: factor === 1 ? values : values.map(unscale),
      };
    }),
  );
  return [iterations, ...slots];
}

/** By position, as TF.js reads it: it may have numbered the names. Throws CORRUPT_FILE if they are not what the optimizer has. */
export function restoreOptimizer(
  path: string,
  optimizer: OptimizerDescription,
  stored: readonly StoredWeight[],
  weights: readonly NamedWeight[],
): OptimizerState {
  const names = slotNames(optimizer);
  const trained = weights.filter(({ spec }) => spec.trainable !== false);
  const expected = 1 + names.length * trained.length;
  if (stored.length !== expected) {
    throw corrupt(
      path,
      `${optimizer.kind} has ${expected} values of its own for this model, but the file has ${stored.length}`,
    );
  }
  const [first, ...rest] = stored;
  const iterations = first.values[0];
  if (first.values.length !== 1 || !Number.isSafeInteger(iterations) || iterations < 0) {
    throw corrupt(path, `the optimizer's ${show(first.entry.name)} must be one whole number of steps`);
  }
  const factor = slotFactor(optimizer);
  const slots: Record<string, Float32Array[]> = {};
  for (const [s, slot] of names.entries()) {
    const arrays: Float32Array[] = [];
    for (const { shape, place } of weights) arrays[place] = new Float32Array(sizeOf(shape));
    for (const [i, weight] of trained.entries()) {
      const { entry, values } = rest[s * trained.length + i];
      if (!sameShape(entry.shape, weight.shape) || !(values instanceof Float32Array)) {
        throw corrupt(
          path,
          `the optimizer's ${show(entry.name)} is ${entry.dtype} ${showShape(entry.shape)}, but ${weight.name} needs float32 ${showShape(weight.shape)}`,
        );
      }
      arrays[weight.place] = factor === 1 ? values : values.map((value) => value * factor);
    }
    slots[slot] = arrays;
  }
  return { iterations, slots };
}
