import type { FileHandle } from 'node:fs/promises';
import { corrupt } from '../../io/failures.js';
import { headerLength, LENGTH_BYTES, readHeader } from '../../io/safetensors-header.js';
import { sizeOf } from '../../tensor/shapes.js';
import { countNames, type Description } from './description.js';

/** Describes a file of tensors without layers. */
export function describeTensors(
  tensors: readonly { dtype: string; elements: number }[],
  texts: Pick<Description, 'kind' | 'writer' | 'open'>,
): Description {
  return {
    ...texts,
    parameters: tensors.reduce((sum, { elements }) => sum + elements, 0),
    parts: 'tensors',
    counts: countNames(tensors.map(({ dtype }) => dtype)),
    undone: [],
  };
}

/** Describes a safetensors file by its header. */
export async function describeSafetensors(path: string, file: FileHandle): Promise<Description> {
  const { size } = await file.stat();
  const length = headerLength(path, await readPart(path, file, 0, Math.min(LENGTH_BYTES, size)), size);
  const header = await readPart(path, file, LENGTH_BYTES, length);
  const entries = await readHeader(path, header, size - LENGTH_BYTES - length);
  return describeTensors(
    entries.map(({ dtype, shape }) => ({ dtype, elements: sizeOf(shape) })),
    {
      kind: 'weights without layers, in safetensors',
      writer: 'unknown',
      open: 'io.readSafetensors(path)',
    },
  );
}

async function readPart(path: string, file: FileHandle, from: number, length: number): Promise<Uint8Array> {
  const { bytesRead, buffer } = await file.read(new Uint8Array(length), 0, length, from);
  if (bytesRead < length) throw corrupt(path, 'it ends too early');
  return buffer;
}
