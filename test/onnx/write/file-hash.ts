import { createHash } from 'node:crypto';
import { VERSION } from '../../../lib/version.js';

/** A hash of an ONNX file without its head, which has convforge's version. */
export function fileHash(bytes: Uint8Array): string {
  const file = Buffer.from(bytes);
  const end = file.indexOf(VERSION) + VERSION.length;
  return createHash('sha256').update(file.subarray(end)).digest('hex').slice(0, 16);
}
