import type { NamedWeight } from '../network/file-names.js';
import { show } from '../options.js';
import { isFloat32Array } from '../realms.js';
import type { OptimizerState } from '../program/engine.js';
import type { OptimizerDescription } from '../program/optimizer-description.js';
import { slotsOf } from '../program/optimizer-slots.js';
import { rateAt } from '../program/schedule.js';
import { sameShape, showShape, sizeOf } from '../tensor/shapes.js';
import { corrupt } from './failures.js';
import type { WeightEntry } from './manifest.js';
import type { WeightValues } from './weight-values.js';

/** Name of the number of steps, which comes first, as in TF.js. */
const ITERATIONS = 'iter';

export interface StoredWeight {
  entry: WeightEntry;
  values: WeightValues;
}

/**
 * An optimizer's slots in stored order: TF.js's slots first, in its order. RMSProp always stores a
 * "momentum", of zeros if it has none.
 */
function storedSlots(optimizer: OptimizerDescription): string[] {
  const names = slotsOf(optimizer).map(({ name }) => name);
  if (optimizer.kind === 'rmsprop' && optimizer.momentum === 0) names.splice(1, 0, 'momentum');
  return names;
}

/**
 * Factor that converts a stored slot when it is read. convforge keeps momentum as Keras does, v = momentum v
 * - rate g. TF.js's files have it without the rate, a = momentum a + g. Hence v = -rate a.
 */
function slotFactor(optimizer: OptimizerDescription, slot: string, iterations: number): number {
  if (optimizer.kind !== 'sgd' || slot !== 'momentum') return 1;
  return -rateAt(optimizer.learningRate, iterations);
}

/**
 * Stores an optimizer's state: iter, then slot by slot one value for each weight, "conv2d_1/kernel/m". Before
 * its first step, Adamax stores nothing, since TF.js can't read a state of Adamax.
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
    return weights.map(({ name, shape, programIndex }): StoredWeight => {
      const values = state.slots[slot]?.[programIndex] ?? new Float32Array(sizeOf(shape));
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
  /** The trainable ones. */
  trained: readonly NamedWeight[];
}

/**
 * Reads the slots of the weights that the model trains. All other slots start anew; so do all slots if the
 * file has only the number of steps, and that is 0. Throws CORRUPT_FILE if the values don't fit the
 * optimizer.
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
  const isTrained = new Set(trained.map(({ programIndex }) => programIndex));
  const slots: Record<string, Float32Array[]> = {};
  for (const { name: slot, initial } of slotsOf(optimizer)) {
    const factor = slotFactor(optimizer, slot, iterations);
    const s = names.indexOf(slot);
    const arrays: Float32Array[] = [];
    for (const [i, weight] of owners.entries()) {
      const { entry, values } = rest[s * owners.length + i];
      if (!sameShape(entry.shape, weight.shape) || !isFloat32Array(values)) {
        throw corrupt(
          path,
          `the optimizer's ${show(entry.name)} is ${entry.dtype} ${showShape(entry.shape)}, but ${weight.name} needs float32 ${showShape(weight.shape)}`,
        );
      }
      if (!isTrained.has(weight.programIndex)) continue;
      arrays[weight.programIndex] = factor === 1 ? values : values.map((value) => value * factor);
    }
    for (const { shape, programIndex } of weights)
      arrays[programIndex] ??= new Float32Array(sizeOf(shape)).fill(initial);
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
 * The weights that the file has slots for, in its order. They are found by name, since other weights may have
 * been frozen when the file was written. Otherwise they are found by position, as TF.js does, which may have
 * renumbered the names: either those that are trained or, in files of version 0.1.0, all that could be.
 */
function slotOwners(
  stored: readonly StoredWeight[],
  slots: readonly string[],
  { weights, trained }: ModelWeights,
): readonly NamedWeight[] | undefined {
  if (slots.length === 0) {
    // TF.js's Momentum stores accumulations even if the momentum is 0.
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
