import type { NamedWeight } from '../network/file-names.js';
import { show } from '../options.js';
import type { OptimizerState } from '../program/engine.js';
import type { OptimizerDescription } from '../program/optimizer-description.js';
import { slotsOf } from '../program/optimizer-slots.js';
import { rateAt } from '../program/schedule.js';
import { sameShape, showShape, sizeOf } from '../tensor/shapes.js';
import { corrupt } from './failures.js';
import type { WeightEntry } from './manifest.js';
import type { WeightValues } from './weight-values.js';

/** The number of steps comes first, as TF.js has it. */
const ITERATIONS = 'iter';

export interface StoredWeight {
  entry: WeightEntry;
  values: WeightValues;
}

/**
 * An optimizer's slots in the order in which they are stored: TF.js's first, in its order. RMSProp has a "momentum" there
 * without momentum too, of zeros.
 */
function storedSlots(optimizer: OptimizerDescription): string[] {
  const names = slotsOf(optimizer).map(({ name }) => name);
  if (optimizer.kind === 'rmsprop' && optimizer.momentum === 0) names.splice(1, 0, 'momentum');
  return names;
}

/**
 * What a stored slot is multiplied by when it is read. Momentum is kept here as Keras has it, v = momentum v - rate g, and in TF.js's
 * files without the rate, a = momentum a + g: so v = -rate a.
 */
function slotFactor(optimizer: OptimizerDescription, slot: string, iterations: number): number {
  if (optimizer.kind !== 'sgd' || slot !== 'momentum') return 1;
  return -rateAt(optimizer.learningRate, iterations);
}

/**
 * iter, then slot by slot one value per weight, "conv2d_1/kernel/m". Of Adamax before its first step nothing: TF.js can't read a state of
 * Adamax.
 */
export function storeOptimizer(
  optimizer: OptimizerDescription,
  state: OptimizerState,
  weights: readonly NamedWeight[],
): StoredWeight[] {
  const iterations: StoredWeight = {
    entry: { name: ITERATIONS, shape: [], dtype: 'int32', isOptimizer: true },
    values: Int32Array.of(state.iterations),
  };
  if (optimizer.kind === 'adamax' && state.iterations === 0) return [];
  const slots = storedSlots(optimizer).flatMap((slot) => {
    const factor = slotFactor(optimizer, slot, state.iterations);
    const unscale = (value: number) => (factor === 0 ? 0 : value / factor);
    return weights.map(({ name, shape, place }): StoredWeight => {
      const values = state.slots[slot]?.[place] ?? new Float32Array(sizeOf(shape));
      return {
        entry: { name: `${name}/${slot}`, shape, dtype: 'float32', isOptimizer: true },
        values: factor === 1 ? values : values.map(unscale),
      };
    });
  });
  return [iterations, ...slots];
}

/** The weights of a model. */
interface ModelWeights {
  weights: readonly NamedWeight[];
  /** Those that training changes. */
  trained: readonly NamedWeight[];
}

/**
 * What the file has for the weights that the model trains; slots of others begin anew, and so do all where the file has the number of
 * steps alone, 0. Throws CORRUPT_FILE if they are not what the optimizer has.
 */
export function restoreOptimizer(
  path: string,
  optimizer: OptimizerDescription,
  stored: readonly StoredWeight[],
  { weights, trained }: ModelWeights,
): OptimizerState {
  const names = storedSlots(optimizer);
  const [first, ...rest] = stored;
  const iterations = readIterations(path, first);
  const isNew = iterations === 0 && rest.length === 0;
  const owners = isNew ? [] : slotOwners(rest, names, { weights, trained });
  if (!owners) {
    throw corrupt(
      path,
      `${optimizer.kind} has ${1 + names.length * trained.length} values of its own for this model, but the file has ${stored.length}`,
    );
  }
  const slots: Record<string, Float32Array[]> = {};
  for (const { name: slot, initial } of slotsOf(optimizer)) {
    const factor = slotFactor(optimizer, slot, iterations);
    const s = names.indexOf(slot);
    const arrays: Float32Array[] = [];
    for (const { shape, place } of weights) arrays[place] = new Float32Array(sizeOf(shape)).fill(initial);
    for (const [i, weight] of owners.entries()) {
      const { entry, values } = rest[s * owners.length + i];
      if (!sameShape(entry.shape, weight.shape) || !(values instanceof Float32Array)) {
        throw corrupt(
          path,
          `the optimizer's ${show(entry.name)} is ${entry.dtype} ${showShape(entry.shape)}, but ${weight.name} needs float32 ${showShape(weight.shape)}`,
        );
      }
      if (!trained.some(({ place }) => place === weight.place)) continue;
      arrays[weight.place] = factor === 1 ? values : values.map((value) => value * factor);
    }
    slots[slot] = arrays;
  }
  return { iterations, slots };
}

function readIterations(path: string, { entry, values }: StoredWeight): number {
  const [iterations] = values;
  if (values.length === 1 && Number.isSafeInteger(iterations) && iterations >= 0) return iterations;
  throw corrupt(path, `the optimizer's ${show(entry.name)} must be one whole number of steps`);
}

/**
 * The weights that the file has slots for, in its order. By name, since other weights may have been frozen when the file was written;
 * else by position, as TF.js reads it, which may have numbered the names: for those that are trained, or (in files of version 0.1.0)
 * for all that could be.
 */
function slotOwners(
  stored: readonly StoredWeight[],
  slots: readonly string[],
  { weights, trained }: ModelWeights,
): readonly NamedWeight[] | undefined {
  if (slots.length === 0) {
    // TF.js's Momentum has accumulations where the momentum is 0, too.
    const isUnused = stored.every(({ entry }) => entry.name.endsWith('/momentum'));
    return isUnused ? [] : undefined;
  }
  const count = stored.length / slots.length;
  const byName = new Map(weights.map((weight) => [`${weight.name}/${slots[0]}`, weight]));
  const named = stored.slice(0, count).flatMap(({ entry }) => byName.get(entry.name) ?? []);
  const isNamed = stored.every(
    ({ entry }, i) => entry.name === `${named[i % count]?.name}/${slots[Math.floor(i / count)]}`,
  );
  if (Number.isInteger(count) && isNamed) return named;
  const all = weights.filter(({ spec }) => spec.trainable !== false);
  return [trained, all].find(({ length }) => length === count);
}
