import type { OptionChecks } from '../../options.js';
import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import { showShape } from '../shapes.js';

/** [steps, channels], or SHAPE_MISMATCH. */
export function checkSequence(checks: OptionChecks, inputShape: Shape): void {
  if (inputShape.length === 2) return;
  checks.fail(
    'SHAPE_MISMATCH',
    `the input is ${showShape(inputShape)}; it must be a sequence, [steps, channels].`,
  );
}

/** The image [steps, 1, channels] of a sequence [steps, channels]. */
export function imageShape([steps, channels]: Shape): Shape {
  return [steps, 1, channels];
}

/** Does the work of `lowerImage` on a sequence as an image of one column; gives its result as a sequence again. */
export function lowerAsImage(
  lowering: Lowering,
  name: string,
  input: number,
  lowerImage: (image: number) => number,
): number {
  const reshape = (part: string, from: number, shape: Shape) =>
    lowering.add({ name: `${name}/${part}`, op: 'reshape', inputs: [from], attributes: { shape } });
  const result = lowerImage(reshape('image', input, imageShape(lowering.shapeOf(input))));
  const [steps, , channels] = lowering.shapeOf(result);
  return reshape('sequence', result, [steps, channels]);
}
