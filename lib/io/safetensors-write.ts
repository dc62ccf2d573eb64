import { ConvforgeError } from '../errors.js';
import { isPlainObject, OptionChecks, show } from '../options.js';
import type { Shape } from '../program/description.js';
import { type Tensor, type TensorLike, toTensor, type TypedArray } from '../tensor/index.js';
import { checkTargetFile, readLocation } from './locations.js';
import { ELEMENT_BYTES, LENGTH_BYTES, MAX_HEADER_BYTES } from './safetensors-header.js';
import { writeAtomically, writeSynced } from './write-files.js';

/** Options of {@link writeSafetensors}. */
export interface SafetensorsOptions {
  /** Texts by name that the file holds beside its tensors. Default none. */
  metadata?: Readonly<Record<string, string>>;
}

/** A tensor of a file. */
export interface StoredTensor {
  name: string;
  dtype: Tensor['dtype'];
  shape: Shape;
  values: TypedArray;
}

const DTYPES = { float32: 'F32', int32: 'I32', bool: 'BOOL', uint8: 'U8' } as const;

/**
 * Writes tensors to a safetensors file, which is replaced as a whole: float32 as F32, int32 as I32, bool as
 * BOOL, uint8 as U8.
 *
 * @param location The path of the file, or 'file://path'.
 * @param tensors The tensors by name, in an object or a Map.
 * @throws INVALID_ARGUMENT for other values and names; TOO_LARGE for more names than a header of 1 MB holds;
 * IO_ERROR.
 */
export async function writeSafetensors(
  location: string,
  tensors: Readonly<Record<string, TensorLike>> | ReadonlyMap<string, TensorLike>,
  options: SafetensorsOptions = {},
): Promise<void> {
  const what = 'io.writeSafetensors';
  const checks = new OptionChecks(what);
  checks.keys(options, ['metadata']);
  const path = readLocation(location, what);
  const metadata = readMetadata(checks, options.metadata);
  const stored = [...entriesOf(checks, tensors)].map(([name, value]): StoredTensor => {
    const tensor = toTensor(value, `${what}: ${name}`);
    return { name, dtype: tensor.dtype, shape: tensor.shape, values: tensor.dataSync() };
  });
  await writeStored(path, what, stored, metadata);
}

function entriesOf(checks: OptionChecks, tensors: unknown): Iterable<[string, TensorLike]> {
  if (Object.prototype.toString.call(tensors) === '[object Map]') return tensors as Map<string, TensorLike>;
  if (isPlainObject(tensors)) return Object.entries(tensors as Record<string, TensorLike>);
  return checks.fail(
    'INVALID_ARGUMENT',
    `${show(tensors)} holds no tensors by name; give an object or a Map.`,
  );
}

/** Reads the option `metadata`: an object of texts. */
export function readMetadata(
  checks: OptionChecks,
  metadata: unknown,
): Readonly<Record<string, string>> | undefined {
  if (metadata === undefined) return undefined;
  const isValid =
    isPlainObject(metadata) && Object.values(metadata as object).every((value) => typeof value === 'string');
  if (isValid) return metadata as Record<string, string>;
  return checks.fail('INVALID_ARGUMENT', `metadata is ${show(metadata)}; it must be an object of texts.`);
}

/** Writes a file of these tensors. `what` begins messages. */
export async function writeStored(
  path: string,
  what: string,
  tensors: readonly StoredTensor[],
  metadata?: Readonly<Record<string, string>>,
): Promise<void> {
  await checkTargetFile(path, what);
  const bytesOf = ({ dtype }: StoredTensor) => ELEMENT_BYTES[DTYPES[dtype]];
  // Larger elements first, so that each tensor begins at a multiple of its elements' size.
  const ordered = [...tensors].sort((a, b) => bytesOf(b) - bytesOf(a));
  const header = headerOf(what, ordered, metadata);
  await writeAtomically(path, async (temporary) => {
    const bytes = ordered.map(({ values }) => {
      return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    });
    await writeSynced(temporary, [header, ...bytes]);
  });
}

/** The length of the header and the header, padded by spaces to a multiple of eight bytes. */
function headerOf(
  what: string,
  tensors: readonly StoredTensor[],
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const entries = new Map<string, unknown>(metadata ? [['__metadata__', metadata]] : []);
  let at = 0;
  for (const { name, dtype, shape, values } of tensors) {
    if (name === '__metadata__' || entries.has(name)) {
      const problem = name === '__metadata__' ? 'is reserved for metadata' : 'is given to two tensors';
      throw new ConvforgeError('INVALID_ARGUMENT', `${what}: the name ${show(name)} ${problem}.`);
    }
    const offsets = [at, at + values.byteLength];
    entries.set(name, { dtype: DTYPES[dtype], shape, data_offsets: offsets });
    [, at] = offsets;
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Math.ceil(json.length / 8) * 8;
  if (length > MAX_HEADER_BYTES)
    throw new ConvforgeError(
      'TOO_LARGE',
      `${what}: the names of ${tensors.length} tensors take ${length} bytes, more than ${MAX_HEADER_BYTES}.`,
    );
  const header = Buffer.alloc(LENGTH_BYTES + length, ' ');
  header.writeBigUInt64LE(BigInt(length));
  json.copy(header, LENGTH_BYTES);
  return header;
}
