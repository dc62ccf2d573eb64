import type { OptionChecks } from '../../options.js';
import type { AttributesOf, Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import { showShape } from '../shapes.js';

/**
 * How values between pixels are interpolated: 'bilinear' from the four pixels around, 'nearest' from the
 * nearest one.
 */
export type Interpolation = 'bilinear' | 'nearest';

/** Throws SHAPE_MISMATCH unless the shape is [height, width, channels]. */
export function checkImage(checks: OptionChecks, inputShape: Shape): void {
  if (inputShape.length === 3) return;
  checks.fail(
    'SHAPE_MISMATCH',
    `the input is ${showShape(inputShape)}; it must be an image, [height, width, channels].`,
  );
}

/** How an image is resized: see the op `resize`. */
export type ResizeRule = Omit<AttributesOf<'resize'>, 'size'>;

/** Adds a node `resize` to this number of rows and columns. */
export function lowerResize(
  lowering: Lowering,
  name: string,
  input: number,
  rule: ResizeRule,
  [rows, columns]: Shape,
): number {
  const attributes = { ...rule, size: [rows, columns] as const };
  return lowering.add({ name, op: 'resize', inputs: [input], attributes });
}
