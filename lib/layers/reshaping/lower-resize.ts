import type { AttributesOf, Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';

/**
 * How values between pixels are interpolated: 'bilinear' from the four pixels around, 'nearest' from the
 * nearest one.
 */
export type Interpolation = 'bilinear' | 'nearest';

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
