import { show } from '../options.js';
import type { Shape } from '../program/description.js';
import { showShape, sizeOf } from '../tensor/shapes.js';
import { corrupt, otherKind, unsupported } from './failures.js';
import { TOPOLOGY } from './file-kinds.js';
import { isObject, type JsonObject } from './read-model-json.js';

/**
 * Quantization of a stored weight: integers q that stand for `q * scale + min`, or IEEE half-precision
 * numbers.
 */
export type Quantization = { dtype: 'uint8' | 'uint16'; scale: number; min: number } | { dtype: 'float16' };

/** Number of bytes of a quantized element. */
export const QUANTIZED_BYTES = { uint8: 1, uint16: 2, float16: 2 } as const;

/**
 * Checks a manifest's `quantization`. Throws CORRUPT_FILE, naming the weight; UNSUPPORTED for a dtype that
 * TF.js lacks.
 */
export function readQuantization(path: string, label: string, given: unknown, dtype: string): Quantization {
  if (!isObject(given)) {
    throw corrupt(path, `${label} has the quantization ${show(given)}; it must be an object`);
  }
  const { dtype: stored, scale, min } = given;
  if (dtype === 'bool') throw corrupt(path, `${label} is bool; only float32 and int32 can be quantized`);
  if (stored === 'float16') {
    if (dtype === 'float32') return { dtype: stored };
    throw corrupt(path, `${label} is ${dtype} stored as float16; only float32 can be`);
  }
  if (stored !== 'uint8' && stored !== 'uint16') {
    throw unsupported(
      path,
      `${label} is quantized to ${show(stored)}; uint8, uint16 and float16 can be loaded`,
    );
  }
  if (!Number.isFinite(scale) || !Number.isFinite(min)) {
    throw corrupt(
      path,
      `${label} is quantized with the scale ${show(scale)} and min ${show(min)}; both must be finite numbers`,
    );
  }
  return { dtype: stored, scale: scale as number, min: min as number };
}

/** A weight in a manifest. */
export interface WeightEntry {
  name: string;
  shape: Shape;
  dtype: 'float32' | 'int32' | 'bool';
  isOptimizer: boolean;
  /** Absent if the values are stored as `dtype`. */
  quantization?: Quantization;
}

/** Weights that are stored one after another across a list of files. */
export interface WeightGroup {
  /** Paths as written in the file, relative to model.json. */
  paths: readonly string[];
  weights: readonly WeightEntry[];
  /** SHA-256 of each file, in hexadecimal digits. Absent in files of TF.js. */
  checksums?: readonly string[];
}

/** Number of bytes of an element. */
const BYTES = { float32: 4, int32: 4, bool: 1 } as const;

/** Number of bytes of the weight in its files. */
export function storedBytes({ shape, dtype, quantization }: WeightEntry): number {
  return sizeOf(shape) * (quantization ? QUANTIZED_BYTES[quantization.dtype] : BYTES[dtype]);
}

/** Reads a manifest and checks all that needs no other file. Throws CORRUPT_FILE or UNSUPPORTED. */
export function readManifest(path: string, json: JsonObject): WeightGroup[] {
  const { weightsManifest } = json;
  if (weightsManifest === undefined || weightsManifest === null) throw otherKind(path, TOPOLOGY);
  if (!Array.isArray(weightsManifest)) throw corrupt(path, 'weightsManifest is not a list');
  const groups = weightsManifest.map((group) => readGroup(path, group));
  checkDistinct(
    path,
    'weight',
    groups.flatMap((group) => group.weights.map((weight) => weight.name)),
  );
  checkDistinct(
    path,
    'weights file',
    groups.flatMap((group) => group.paths),
  );
  return groups;
}

function readGroup(path: string, group: unknown): WeightGroup {
  if (!isObject(group) || !Array.isArray(group.paths) || !Array.isArray(group.weights)) {
    throw corrupt(path, 'each part of weightsManifest has the lists paths and weights');
  }
  const { paths, weights } = group;
  const invalid = paths.findIndex((each) => typeof each !== 'string');
  if (invalid >= 0)
    throw corrupt(path, `a path in weightsManifest is ${show(paths[invalid])}; it must be a string`);
  const checksums = readChecksums(path, group.sha256, paths.length);
  return {
    paths,
    weights: weights.map((weight) => readWeight(path, weight)),
    ...(checksums && { checksums }),
  };
}

function readChecksums(path: string, given: unknown, count: number): readonly string[] | undefined {
  if (given === undefined || given === null) return undefined;
  const isChecksum = (each: unknown) => typeof each === 'string' && /^[0-9a-f]{64}$/.test(each);
  if (Array.isArray(given) && given.length === count && given.every(isChecksum)) return given;
  throw corrupt(
    path,
    `sha256 in weightsManifest is ${show(given)}; it must be a list of 64 hexadecimal digits for each path`,
  );
}

function readWeight(path: string, weight: unknown): WeightEntry {
  if (!isObject(weight) || typeof weight.name !== 'string') {
    throw corrupt(path, 'a weight in weightsManifest has no name');
  }
  const { name, shape, dtype, quantization, group } = weight;
  const label = `the weight ${show(name)}`;
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw corrupt(path, `${label} has the shape ${show(shape)}; sizes are whole numbers from 0 up`);
  }
  if (!Number.isSafeInteger(sizeOf(shape) * BYTES.float32)) {
    throw corrupt(path, `${label} has the shape ${showShape(shape)}, which no file can hold`);
  }
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
    throw unsupported(path, `${label} is of dtype ${show(dtype)}; float32, int32 and bool can be loaded`);
  }
  const entry: WeightEntry = { name, shape, dtype, isOptimizer: group === 'optimizer' };
  if (quantization === undefined || quantization === null) return entry;
  return { ...entry, quantization: readQuantization(path, label, quantization, dtype) };
}

function checkDistinct(path: string, what: string, names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw corrupt(path, `the ${what} ${show(name)} is listed twice`);
    seen.add(name);
  }
}
