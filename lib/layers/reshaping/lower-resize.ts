import type { OptionChecks } from '../../options.js';
import type { AttributesOf, Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import { showShape } from '../shapes.js';

/** How cells between others get their values: 'bilinear' from the four around them, 'nearest' from the nearest. */
export type Interpolation = 'bilinear' | 'nearest';

/** [height, width, channels], or SHAPE_MISMATCH. */
export function checkImage(checks: OptionChecks, inputShape: Shape): void {
  if (inputShape.length === 3) return;
  checks.fail(
    'SHAPE_MISMATCH',
    `the input is ${showShape(inputShape)}; it must be an image, [height, width, channels].`,
  );
}

/** What makes an image another size: see the op `resize`. */
export type ResizeRule = Omit<AttributesOf<'resize'>, 'size'>;

/** One node `resize` to these rows and columns. */
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
