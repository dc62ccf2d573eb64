import { ConvforgeError, type ErrorCode } from '../errors.js';
import type { FileKind } from './file-kinds.js';

/** A file isn't what it says it is. */
export function corrupt(path: string, problem: string, cause?: unknown): ConvforgeError {
  return new ConvforgeError('CORRUPT_FILE', `${path}: ${problem}.`, { cause });
}

/** The file is a good one, of another kind. */
export function otherKind(path: string, { what, advice }: FileKind): ConvforgeError {
  return unsupported(path, `this is ${what}; ${advice}`);
}

export function unsupported(path: string, problem: string): ConvforgeError {
  return new ConvforgeError('UNSUPPORTED', `${path}: ${problem}.`);
}

export function unreadable(path: string, cause: unknown): ConvforgeError {
  return new ConvforgeError('IO_ERROR', `Can't read ${path}: ${(cause as Error).message}.`, { cause });
}

/** What the file can't be blamed for. */
const KEPT: ReadonlySet<ErrorCode> = new Set([
  'UNSUPPORTED',
  'TOO_LARGE',
  'OUT_OF_MEMORY',
  'ADDON_UNAVAILABLE',
  'INTERNAL',
]);

/** Runs what makes layers, losses and the like from a file, so that their errors name it. */
export function blaming<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ConvforgeError)) throw error;
    const { code, layer, message } = error;
    throw new ConvforgeError(KEPT.has(code) ? code : 'CORRUPT_FILE', `${path}: ${message}`, {
      cause: error,
      ...(layer !== undefined && { layer }),
    });
  }
}
