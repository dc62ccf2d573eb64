import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import { Tensor } from '../tensor/index.js';
import type { Bytes, WeightsManifestEntry } from './artifacts.js';
import { byteLength, joinBytes, piecesOf } from './bytes.js';
import { corrupt } from './failures.js';
import { readManifest, storedBytes } from './manifest.js';
import { allocateValues, dequantize } from './weight-values.js';

/**
 * The bytes of all pieces, one after another.
 *
 * @throws INVALID_ARGUMENT for what holds no bytes, OUT_OF_MEMORY.
 */
export function concatenateArrayBuffers(buffers: Bytes | readonly Bytes[]): ArrayBuffer {
  return joinBytes(piecesOf(buffers, 'io.concatenateArrayBuffers'), 'io.concatenateArrayBuffers');
}

/**
 * The weights of all groups of a model.json's `weightsManifest`, in one list: the `weightSpecs` of {@link ModelArtifacts}.
 *
 * @throws INVALID_ARGUMENT for what is no such list.
 */
export function getWeightSpecs(
  weightsManifest: readonly { readonly weights: readonly WeightsManifestEntry[] }[],
): WeightsManifestEntry[] {
  if (!Array.isArray(weightsManifest) || !weightsManifest.every((group) => Array.isArray(group?.weights))) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `io.getWeightSpecs: ${show(weightsManifest)} is no weightsManifest, a list of {paths, weights}.`,
    );
  }
  return weightsManifest.flatMap((group) => group.weights);
}

/** What encodeWeights gives. */
export interface EncodedWeights {
  /** The bytes of all tensors, one after another. */
  data: ArrayBuffer;
  /** What they are, in the same order. */
  specs: WeightsManifestEntry[];
}

/**
 * Tensors as the weights of {@link ModelArtifacts}: their bytes, one after another, and what they are.
 *
 * @param tensors By name, or a list of {name, tensor}; of dtype float32, int32 or bool.
 * @param group 'optimizer' for values of the optimizer's. Default none.
 * @throws INVALID_ARGUMENT for what are no tensors; UNSUPPORTED for uint8, which the format doesn't have; OUT_OF_MEMORY.
 */
export async function encodeWeights(
  tensors: Readonly<Record<string, Tensor>> | readonly { readonly name: string; readonly tensor: Tensor }[],
  group?: 'model' | 'optimizer',
): Promise<EncodedWeights> {
  const named = Array.isArray(tensors)
    ? tensors.map((each) => [each?.name, each?.tensor] as const)
    : Object.entries(tensors ?? {});
  const pieces: Uint8Array[] = [];
  const specs: WeightsManifestEntry[] = [];
  for (const [name, value] of named) {
    if (typeof name !== 'string' || !(value instanceof Tensor)) {
      throw new ConvforgeError(
        'INVALID_ARGUMENT',
        `io.encodeWeights: ${show(name)} is ${show(value)}, no tensor.`,
      );
    }
    const { dtype, shape } = value;
    if (dtype === 'uint8') {
      throw new ConvforgeError(
        'UNSUPPORTED',
        `io.encodeWeights: ${show(name)} is uint8, which files of weights don't have; use toInt().`,
      );
    }
    pieces.push(...piecesOf(await value.data(), name));
    specs.push({ name, shape: [...shape], dtype, ...(group !== undefined && { group }) });
  }
  return { data: joinBytes(pieces, 'io.encodeWeights'), specs };
}

/**
 * The tensors in the weights of {@link ModelArtifacts}, by their names; quantized ones with the values that they stand for.
 *
 * @param weightData Their bytes, in one piece or several. What comes after the last one is left out.
 * @param specs Names, shapes and types, in the order of the bytes.
 * @throws INVALID_ARGUMENT for what holds no bytes; CORRUPT_FILE for specs that are none, or for too few bytes; UNSUPPORTED for dtypes
 * other than float32, int32 and bool; OUT_OF_MEMORY.
 */
export function decodeWeights(
  weightData: Bytes | readonly Bytes[],
  specs: readonly WeightsManifestEntry[],
): Record<string, Tensor> {
  const [{ weights }] = readManifest(WHAT, { weightsManifest: [{ paths: [], weights: specs }] });
  const pieces = piecesOf(weightData, WHAT);
  const needed = weights.reduce((sum, entry) => sum + storedBytes(entry), 0);
  if (byteLength(pieces) < needed) {
    throw corrupt(WHAT, `the weights need ${needed} bytes, but weightData has ${byteLength(pieces)}`);
  }
  const bytes = new Uint8Array(joinBytes(pieces, WHAT));
  let at = 0;
  const tensors = weights.map((entry) => {
    const stored = bytes.slice(at, at + storedBytes(entry));
    at += stored.length;
    const values = allocateValues(entry);
    if (entry.quantization) dequantize(entry.quantization, stored, values, 0);
    else new Uint8Array(values.buffer).set(stored);
    return [entry.name, new Tensor(values, entry.shape, entry.dtype)] as const;
  });
  return Object.fromEntries(tensors);
}

const WHAT = 'io.decodeWeights';
