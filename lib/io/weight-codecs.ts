import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import { Tensor } from '../tensor/index.js';
import type { Bytes, WeightsManifestEntry } from './artifacts.js';
import { byteLength, joinBytes, piecesOf } from './bytes.js';
import { corrupt } from './failures.js';
import { readManifest, storedBytes } from './manifest.js';
import { allocateValues, dequantize } from './weight-values.js';

/**
 * Concatenates pieces of bytes.
 *
 * @throws INVALID_ARGUMENT unless all hold bytes, OUT_OF_MEMORY.
 */
export function concatenateArrayBuffers(buffers: Bytes | readonly Bytes[]): ArrayBuffer {
  return joinBytes(piecesOf(buffers, 'io.concatenateArrayBuffers'), 'io.concatenateArrayBuffers');
}

/**
 * Lists the weights of all groups of a model.json's `weightsManifest`: the `weightSpecs` of
 * {@link ModelArtifacts}.
 *
 * @throws INVALID_ARGUMENT unless it is such a list.
 */
export function getWeightSpecs(
  weightsManifest: readonly { readonly weights: readonly WeightsManifestEntry[] }[],
): WeightsManifestEntry[] {
  if (!Array.isArray(weightsManifest) || !weightsManifest.every((group) => Array.isArray(group?.weights))) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `io.getWeightSpecs: ${show(weightsManifest)} is not a weightsManifest, a list of {paths, weights}.`,
    );
  }
  return weightsManifest.flatMap((group) => group.weights);
}

/** Result of encodeWeights. */
export interface EncodedWeights {
  /** The bytes of all tensors, concatenated. */
  data: ArrayBuffer;
  /** Names, shapes and types of the tensors, in the same order. */
  specs: WeightsManifestEntry[];
}

/**
 * Encodes tensors as the weights of {@link ModelArtifacts}.
 *
 * @param tensors An object by name, or a list of {name, tensor}; of dtype float32, int32 or bool.
 * @param group 'optimizer' for parts of the optimizer's state. Default none.
 * @throws INVALID_ARGUMENT unless all are tensors; UNSUPPORTED for uint8, which the format lacks;
 * OUT_OF_MEMORY.
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
        `io.encodeWeights: ${show(name)} is uint8, which weight files can't store; use toInt().`,
      );
    }
    pieces.push(...piecesOf(await value.data(), name));
    specs.push({ name, shape: [...shape], dtype, ...(group !== undefined && { group }) });
  }
  return { data: joinBytes(pieces, 'io.encodeWeights'), specs };
}

/**
 * Decodes the weights of {@link ModelArtifacts} into tensors by name. Quantized weights are dequantized.
 *
 * @param weightData The bytes, in one piece or several. Bytes after the last weight are ignored.
 * @param specs Names, shapes and types, in the order of the bytes.
 * @throws INVALID_ARGUMENT unless the data holds bytes; CORRUPT_FILE for invalid specs or too few bytes;
 * UNSUPPORTED for dtypes other than float32, int32 and bool; OUT_OF_MEMORY.
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
