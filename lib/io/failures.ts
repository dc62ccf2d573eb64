import { ConvforgeError, type ErrorCode } from '../errors.js';
import type { FileKind } from './file-kinds.js';

/** Error for a file that isn't what it claims to be. */
export function corrupt(path: string, problem: string, cause?: unknown): ConvforgeError {
  return new ConvforgeError('CORRUPT_FILE', `${path}: ${problem}.`, { cause });
}

/** Error for a valid file of another kind. */
export function otherKind(path: string, { what, advice }: FileKind): ConvforgeError {
  return unsupported(path, `this is ${what}; ${advice}`);
}

export function unsupported(path: string, problem: string): ConvforgeError {
  return new ConvforgeError('UNSUPPORTED', `${path}: ${problem}.`);
}

export function unreadable(path: string, cause: unknown): ConvforgeError {
  return new ConvforgeError('IO_ERROR', `Can't read ${path}: ${(cause as Error).message}.`, { cause });
}

/** Error codes that keep their meaning in `errorsNaming`, as the file isn't at fault. */
const KEPT_CODES: ReadonlySet<ErrorCode> = new Set([
  'UNSUPPORTED',
  'TOO_LARGE',
  'OUT_OF_MEMORY',
  'ADDON_UNAVAILABLE',
  'INTERNAL',
]);

/**
 * Creates layers, losses and the like from a file, so that their errors name it. Errors become CORRUPT_FILE,
 * except those in KEPT_CODES.
 */
export function errorsNaming<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw naming(path, error);
  }
}

/** Like `errorsNaming`, for work in slices. */
export function* slicesNaming<T>(path: string, steps: Generator<void, T>): Generator<void, T> {
  try {
    return yield* steps;
  } catch (error) {
    throw naming(path, error);
  }
}

function naming(path: string, error: unknown): unknown {
  if (!(error instanceof ConvforgeError)) return error;
  const { code, layer, message } = error;
  return new ConvforgeError(KEPT_CODES.has(code) ? code : 'CORRUPT_FILE', `${path}: ${message}`, {
    cause: error,
    ...(layer !== undefined && { layer }),
  });
}
