import { ConvforgeError } from '../errors.js';
import type { Shape } from '../program/description.js';
import type { SampleShape } from './shapes.js';

/**
 * Layers infer shapes from known sizes alone. Where a model's input leaves sizes open, each layer is asked several times, with one size
 * after another in the place of all unknown ones. What comes out alike each time is known; what differs is unknown in turn.
 *
 * Multiples of many numbers fit most networks that halve and double their images. Others take one more than a multiple (128k + 1), or
 * need more, or less, than usual.
 */
const USUAL_SIZES = [96, 192, 960, 768, 1536, 672, 1344, 65, 129, 257, 32, 16, 8];

/** Then come all remainders of a division by 64, or by any of its divisors or by 3, each with sizes that are far apart. */
const OTHER_SIZES = Array.from({ length: 64 }, (_, i) => [256 + i, 640 + i, 1024 + i]).flat();

/** With fewer, nothing could differ. */
const FEWEST = 2;
/** With more, sizes that differ in some are hardly ever alike in these. */
const ENOUGH = 3;

/** The shape with `size` in the place of unknown sizes. */
export function assumeSize(shape: SampleShape, size: number): Shape {
  return shape.map((known) => known ?? size);
}

/** What is alike in all of these shapes; null elsewhere. They have as many axes. */
export function commonShape([first, ...others]: readonly Shape[]): SampleShape {
  return first.map((size, axis) => (others.every((other) => other[axis] === size) ? size : null));
}

/** Whether an error tells that a layer doesn't take these sizes, though it may take others. */
export function isMisfit(error: unknown): error is ConvforgeError {
  return error instanceof ConvforgeError && (error.code === 'SHAPE_MISMATCH' || error.code === 'TOO_LARGE');
}

/**
 * What `compute` gives for some sizes that stand for the unknown ones: two or more to which it doesn't object, by size. It objects by
 * SHAPE_MISMATCH or TOO_LARGE, or gives undefined where there is nothing to compute with. If it objects to all, its first error is
 * thrown, with the size that was assumed, or what `failNowhere` throws if there is none.
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
      failure ??= tellSize(error, size);
    }
  };
  for (const size of USUAL_SIZES) if (found.size < ENOUGH) attempt(size);
  for (const size of OTHER_SIZES) if (found.size < FEWEST) attempt(size);
  if (found.size >= FEWEST) return found;
  if (failure) throw failure;
  return failNowhere();
}

/** The first size for which `compute` gives something. */
export function firstSize<T>(compute: (size: number) => T | undefined): T | undefined {
  for (const size of [...USUAL_SIZES, ...OTHER_SIZES]) {
    const value = compute(size);
    if (value !== undefined) return value;
  }
  return undefined;
}

function tellSize({ code, message, layer }: ConvforgeError, size: number): ConvforgeError {
  const text = `${message} (Sizes that the input leaves open were taken to be ${size}, and others were tried.)`;
  return new ConvforgeError(code, text, { layer });
}
