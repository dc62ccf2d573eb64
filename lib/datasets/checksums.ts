import { createHash } from 'node:crypto';
import { ConvforgeError } from '../errors.js';
import type { Tensor } from '../tensor/index.js';
import type { KnownFile } from './image-set.js';
import { readIdx } from './read-idx.js';

/** The values of the copy of `file` at `path`. CORRUPT_FILE, with both checksums, if its content is another. */
export async function readKnownFile(file: KnownFile, path: string): Promise<Tensor> {
  const hash = createHash('sha256');
  const values = await readIdx(path, hash);
  const found = hash.digest('hex');
  if (found !== file.sha256) {
    throw new ConvforgeError(
      'CORRUPT_FILE',
      `${path} is not the ${file.name} that is known: the SHA-256 of its uncompressed content is ${found}, expected ` +
        `${file.sha256}. Delete it or get it anew.`,
    );
  }
  return values;
}
