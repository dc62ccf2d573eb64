import type { OptimizerState } from '../program/engine.js';
import type { OptimizerDescription } from '../program/optimizer-description.js';
import { slotsOf } from '../program/optimizer-slots.js';
import type { NamedWeight } from '../network/file-names.js';
import { sameShape, showShape, sizeOf } from '../tensor/shapes.js';
import { corrupt } from './failures.js';
import type { Hdf5Dataset } from './hdf5.js';

/** The weights of a model. */
interface ModelWeights {
  weights: readonly NamedWeight[];
  /** Those that training changes, in the order of Keras. */
  trained: readonly NamedWeight[];
  /** The same in the order of their names in the file, if it is of Keras 2.0, which sorted them. */
  byName?: readonly NamedWeight[];
}

/** Iterations, the learning rate, and the product of Nadam's momenta. */
const MOST_SCALARS = 3;

/** Slots that Keras keeps weight by weight: m, v, m, v. The others follow slot by slot. */
const BY_WEIGHT: Readonly<Record<string, readonly string[]>> = {
  adam: ['m', 'v'],
  nadam: ['m', 'v'],
  adamax: ['m', 'u'],
  adadelta: ['accumGrad', 'accumVar'],
};

/**
 * Reads an optimizer's state from Keras's list of arrays: iterations, the learning rate unless there is a
 * schedule, averages of weights, slots. Optimizers from before Keras 2.11 have all slots one after the other.
 * Rejects with CORRUPT_FILE if they don't fit.
 */
export async function kerasOptimizerState(
  file: string,
  optimizer: OptimizerDescription,
  stored: readonly Hdf5Dataset[],
  { weights, trained, byName }: ModelWeights,
): Promise<OptimizerState> {
  const arrays = withoutUnused(optimizer, stored, trained);
  const [first] = arrays;
  const [iterations] = (await first?.read()) ?? [];
  if (!Number.isSafeInteger(iterations) || iterations < 0) {
    throw corrupt(file, "the optimizer's first array must be its number of steps");
  }
  const isLegacy = /(^|\/)(iter|iterations(_\d+)?)(:0)?$/.test(first.path);
  const slots = slotsOf(optimizer);
  // Before the first step Keras stores no slots.
  const isNew = iterations === 0 && arrays.length <= MOST_SCALARS;
  const order = isNew ? [] : storedOrder(optimizer, byName ?? trained, isLegacy);
  // Keras 3 stores Nadam's product of momenta behind the slots.
  const isLast = optimizer.kind === 'nadam' && arrays[arrays.length - 1].shape.length === 0;
  const end = arrays.length - (isLast ? 1 : 0);
  const own = arrays.slice(Math.max(0, end - order.length), end);
  if (arrays.length < order.length + 1 || arrays.length > order.length + MOST_SCALARS) {
    throw corrupt(
      file,
      `${optimizer.kind} has ${order.length} arrays of its own for this model, but the file has ${arrays.length - 1}`,
    );
  }
  const read = Object.fromEntries(slots.map(({ name }) => [name, [] as Float32Array[]]));
  for (const [i, { slot, weight }] of order.entries()) {
    if (!sameShape(own[i].shape, weight.shape)) {
      throw corrupt(
        file,
        `the optimizer's ${own[i].path} is ${showShape(own[i].shape)}, but ${weight.name} needs ${showShape(weight.shape)}`,
      );
    }
    read[slot][weight.programIndex] = await own[i].read();
  }
  for (const { name, initial } of slots) {
    for (const { shape, programIndex } of weights)
      read[name][programIndex] ??= new Float32Array(sizeOf(shape)).fill(initial);
  }
  return { iterations, slots: read };
}

/** Drops the momenta that Keras 2's SGD keeps last, if it has no momentum. */
function withoutUnused(
  optimizer: OptimizerDescription,
  arrays: readonly Hdf5Dataset[],
  trained: readonly NamedWeight[],
): readonly Hdf5Dataset[] {
  if (optimizer.kind !== 'sgd' || optimizer.momentum > 0) return arrays;
  const first = arrays.length - trained.length;
  const areMomenta = first > 0 && trained.every(({ shape }, i) => sameShape(arrays[first + i].shape, shape));
  return areMomenta && first > slotsOf(optimizer).length * trained.length ? arrays.slice(0, first) : arrays;
}

/** The arrays that Keras keeps for each weight, in its order. */
function storedOrder(
  optimizer: OptimizerDescription,
  trained: readonly NamedWeight[],
  isLegacy: boolean,
): { slot: string; weight: NamedWeight }[] {
  const names = slotsOf(optimizer).map(({ name }) => name);
  const together = isLegacy ? [] : (BY_WEIGHT[optimizer.kind] ?? []);
  const each = (slot: string) => trained.map((weight) => ({ slot, weight }));
  const general = ['average', 'accumulated'].filter((name) => names.includes(name));
  const rest = names.filter((name) => !together.includes(name) && !general.includes(name));
  return [
    ...general.flatMap(each),
    ...trained.flatMap((weight) => together.map((slot) => ({ slot, weight }))),
    ...rest.flatMap(each),
  ];
}

/** An array of the optimizer, as Keras stores it. */
export interface StoredArray {
  shape: readonly number[];
  values: Float32Array | BigInt64Array;
}

/** Writes an optimizer's state as Keras 3's list of arrays, which kerasOptimizerState reads. */
export function kerasOptimizerArrays(
  optimizer: OptimizerDescription,
  state: OptimizerState,
  trained: readonly NamedWeight[],
): StoredArray[] {
  const { learningRate } = optimizer;
  const scalar = (value: number): StoredArray => ({ shape: [], values: Float32Array.of(value) });
  const [steps, ...slots] = keras2OptimizerArrays(optimizer, state, trained);
  return [
    steps,
    ...(typeof learningRate === 'number' ? [scalar(learningRate)] : []),
    ...slots,
    ...(optimizer.kind === 'nadam' ? [scalar(momentaProduct(optimizer, state.iterations))] : []),
  ];
}

/** Writes an optimizer's state as Keras 2's list of arrays. They have names that are unique in it. */
export function keras2OptimizerArrays(
  optimizer: OptimizerDescription,
  { iterations, slots }: OptimizerState,
  trained: readonly NamedWeight[],
): (StoredArray & { name: string })[] {
  return [
    { name: 'iteration:0', shape: [], values: BigInt64Array.of(BigInt(iterations)) },
    ...storedOrder(optimizer, trained, false).map(({ slot, weight: { name, shape, programIndex } }) => ({
      name: `${slot}/${name}:0`,
      shape,
      values: slots[slot]?.[programIndex] ?? new Float32Array(sizeOf(shape)),
    })),
  ];
}

/** The product of the momenta of all updates of Nadam so far. */
function momentaProduct(
  { beta1, gradientAccumulationSteps = 1 }: Extract<OptimizerDescription, { kind: 'nadam' }>,
  iterations: number,
): number {
  const updates = Math.floor(iterations / gradientAccumulationSteps);
  let product = 1;
  for (let t = 1; t <= updates && product > 0; t++) product *= beta1 * (1 - 0.5 * 0.96 ** t);
  return product;
}
