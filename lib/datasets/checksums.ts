import { createHash } from 'node:crypto';
import { ConvforgeError } from '../errors.js';
import type { Tensor } from '../tensor/index.js';
import type { KnownFile } from './image-set.js';
import { readIdx } from './read-idx.js';

/**
 * Reads the copy of `file` at `path`. Rejects with CORRUPT_FILE, and both checksums, if its SHA-256 differs.
 */
export async function readKnownFile(file: KnownFile, path: string): Promise<Tensor> {
  const hash = createHash('sha256');
  const values = await readIdx(path, hash);
  const found = hash.digest('hex');
  if (found !== file.sha256) {
    throw new ConvforgeError(
      'CORRUPT_FILE',
      `${path} is not the known ${file.name}: the SHA-256 of its uncompressed content is ${found}, expected ` +
        `${file.sha256}. Delete it, or get it again.`,
    );
  }
  return values;
}
