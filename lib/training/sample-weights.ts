import { ConvforgeError } from '../errors.js';
import type { ModelPort } from '../models/layers-model.js';
import { show, unknownName } from '../options.js';
import { SampleSource } from '../program/samples.js';
import { type TensorLike, toTensor, type TypedArray } from '../tensor/index.js';
import type { CompiledOutput } from './compile.js';
import { type DataLike, valuesByPort } from './ports.js';

/** What each sample counts in the loss: n numbers; for several outputs a list, or by the outputs' names. */
export type SampleWeight = DataLike;

/** What samples of each class count in the loss, by the class's number; for several outputs by the outputs' names. Classes left out count 1. */
export type ClassWeight =
  | Readonly<Record<string, number>>
  | Readonly<Record<string, Readonly<Record<string, number>>>>;

interface Weighed {
  ports: readonly ModelPort[];
  trained: readonly CompiledOutput[];
  targets: readonly { value: TensorLike; what: string }[];
  count: number;
}

/** The product of both weights per output, float32 [n, 1]; none where neither is given. Throws INVALID_ARGUMENT, SHAPE_MISMATCH. */
export function weightSources(
  weighed: Weighed,
  sampleWeight: SampleWeight | undefined,
  classWeight: ClassWeight | undefined,
): SampleSource[] {
  if (sampleWeight === undefined && classWeight === undefined) return [];
  const { ports, count } = weighed;
  const products = ports.map(() => new Float32Array(count).fill(1));
  if (sampleWeight !== undefined) {
    for (const [i, { value, what }] of valuesByPort(sampleWeight, ports, 'sampleWeight').entries())
      multiply(products[i], readSampleWeights(value, count, what));
  }
  if (classWeight !== undefined) {
    for (const [i, byClass] of classWeightsByPort(classWeight, ports).entries())
      if (byClass) multiply(products[i], weightsOfClasses(weighed, i, byClass));
  }
  if (products.some((values) => values.some((weight) => !Number.isFinite(weight)))) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      'sampleWeight times classWeight is too large for float32; give smaller weights.',
    );
  }
  return products.map(
    (values) =>
      new SampleSource('sampleWeight', values, [count, 1], 'float32', (slice) => slice as Float32Array),
  );
}

function multiply(products: Float32Array, factors: ArrayLike<number>): void {
  for (let i = 0; i < products.length; i++) products[i] *= factors[i];
}

function readSampleWeights(value: TensorLike, count: number, what: string): TypedArray {
  const tensor = toTensor(value, what);
  const { shape } = tensor;
  if (shape[0] !== count || !(shape.length === 1 || (shape.length === 2 && shape[1] === 1))) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `${what} has shape [${shape.join(', ')}]; give a weight for each of the ${count} samples: [${count}].`,
    );
  }
  const values = tensor.dataSync();
  const odd = values.findIndex((weight) => !Number.isFinite(weight));
  if (odd >= 0) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `${what}[${odd}] is ${values[odd]}; weights are finite numbers.`,
    );
  }
  return values;
}

/** Per output the weights by class, if it has some. */
function classWeightsByPort(
  classWeight: ClassWeight,
  ports: readonly ModelPort[],
): (ReadonlyMap<number, number> | undefined)[] {
  if (classWeight === null || typeof classWeight !== 'object')
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `classWeight is ${show(classWeight)}; give weights by class, {0: 1, 1: 5}.`,
    );
  const isByOutput = Object.values(classWeight).some((value) => typeof value === 'object');
  if (!isByOutput && ports.length === 1) return [readClassWeights(classWeight as Record<string, number>)];
  const names = ports.map(({ name }) => name);
  const unknown = Object.keys(classWeight).find((key) => !names.includes(key));
  if (unknown !== undefined)
    throw new ConvforgeError('UNKNOWN_OPTION', `classWeight: ${unknownName('output', unknown, names)}`);
  return names.map((name) => {
    const own = (classWeight as Record<string, Record<string, number>>)[name];
    return own && readClassWeights(own);
  });
}

function readClassWeights(weights: Readonly<Record<string, number>>): Map<number, number> {
  return new Map(
    Object.entries(weights).map(([key, weight]) => {
      const label = Number(key);
      if (!Number.isInteger(label) || label < 0 || !Number.isFinite(weight)) {
        throw new ConvforgeError(
          'INVALID_ARGUMENT',
          `classWeight: ${show(key)} has ${show(weight)}; classes are whole numbers from 0 up, weights finite numbers.`,
        );
      }
      return [label, weight];
    }),
  );
}

/** A weight for each sample by its class: its label, the largest of its one-hot row, or 0 and 1 where there is a single value. */
function weightsOfClasses(
  { ports, trained, targets, count }: Weighed,
  index: number,
  byClass: ReadonlyMap<number, number>,
): Float32Array {
  const values = toTensor(targets[index].value, targets[index].what).dataSync();
  const size = values.length / count;
  const [last] = ports[index].shape.slice(-1);
  const classes = last === 1 ? 2 : last;
  const odd = [...byClass.keys()].find((label) => label >= classes);
  if (odd !== undefined) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `classWeight: there is no class ${odd}; '${ports[index].name}' has ${classes}, from 0.`,
    );
  }
  const isSparse = trained[index].loss.kind === 'sparseCategoricalCrossentropy';
  if (ports[index].shape.length > 1 || (isSparse && size > 1)) {
    throw new ConvforgeError(
      'UNSUPPORTED',
      `classWeight: '${ports[index].name}' has several classes a sample; give sampleWeight instead.`,
    );
  }
  const weights = new Float32Array(count);
  for (let sample = 0; sample < count; sample++) {
    let label = values[sample];
    if (size > 1) {
      label = 0;
      for (let c = 1; c < size; c++) if (values[sample * size + c] > values[sample * size + label]) label = c;
    }
    weights[sample] = byClass.get(label) ?? 1;
  }
  return weights;
}
