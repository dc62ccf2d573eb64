import { ConvforgeError } from '../errors.js';
import type { Shape } from '../program/description.js';
import type { SampleShape } from './shapes.js';

/**
 * Layers infer shapes from known sizes only. If a model's input leaves sizes unknown, each layer is asked
 * several times, with one candidate size after another in place of all unknown ones. Sizes that come out
 * equal each time are known; the others are unknown in turn.
 *
 * Most networks that halve and double their images take multiples of large powers of two. Others take one
 * more than a multiple (128k + 1), or need larger or smaller images than usual.
 */
const USUAL_SIZES = [96, 192, 960, 768, 1536, 672, 1344, 65, 129, 257, 32, 16, 8];

/**
 * Tried next: all remainders modulo 64 (and so modulo its divisors) and modulo 3, each with sizes that are
 * far apart.
 */
const OTHER_SIZES = Array.from({ length: 64 }, (_, i) => [256 + i, 640 + i, 1024 + i]).flat();

/** Sizes needed to see any difference. */
const MIN_RESULTS = 2;
/** Sizes after which a difference has almost surely shown. */
const ENOUGH_RESULTS = 3;

/** Replaces unknown sizes by `size`. */
export function assumeSize(shape: SampleShape, size: number): Shape {
  return shape.map((known) => known ?? size);
}

/** The sizes that are equal in all of these shapes, which have the same number of axes; null elsewhere. */
export function commonShape([first, ...others]: readonly Shape[]): SampleShape {
  return first.map((size, axis) => (others.every((other) => other[axis] === size) ? size : null));
}

/** Whether an error means that a layer doesn't take these sizes but may take others. */
export function isMisfit(error: unknown): error is ConvforgeError {
  return error instanceof ConvforgeError && (error.code === 'SHAPE_MISMATCH' || error.code === 'TOO_LARGE');
}

/**
 * Calls `compute` with candidate sizes until two or more fit, and returns the results by size. A size doesn't
 * fit if `compute` throws SHAPE_MISMATCH or TOO_LARGE, or returns undefined. If too few fit, it rethrows the
 * first error with the assumed size, or else calls `failNowhere`.
 */
export function trySizes<T>(
  compute: (size: number) => T | undefined,
  failNowhere: () => never,
): ReadonlyMap<number, T> {
  const found = new Map<number, T>();
  let failure: ConvforgeError | undefined;
  const attempt = (size: number) => {
    try {
      const value = compute(size);
      if (value !== undefined) found.set(size, value);
    } catch (error) {
      if (!isMisfit(error)) throw error;
      failure ??= withSize(error, size);
    }
  };
  for (const size of USUAL_SIZES) if (found.size < ENOUGH_RESULTS) attempt(size);
  for (const size of OTHER_SIZES) if (found.size < MIN_RESULTS) attempt(size);
  if (found.size >= MIN_RESULTS) return found;
  if (failure) throw failure;
  return failNowhere();
}

/** The result of `compute` for the first size that fits. */
export function firstSize<T>(compute: (size: number) => T | undefined): T | undefined {
  for (const size of [...USUAL_SIZES, ...OTHER_SIZES]) {
    const value = compute(size);
    if (value !== undefined) return value;
  }
  return undefined;
}

function withSize({ code, message, layer }: ConvforgeError, size: number): ConvforgeError {
  const text = `${message} (Sizes that the input leaves open were assumed to be ${size}; other sizes failed, too.)`;
  return new ConvforgeError(code, text, { layer });
}
