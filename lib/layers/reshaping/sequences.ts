import type { OptionChecks } from '../../options.js';
import { checkImage } from '../../program/contracts/window.js';
import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import { showShape } from '../shapes.js';

/** Throws SHAPE_MISMATCH unless the shape is [steps, channels]. */
export function checkSequence(checks: OptionChecks, inputShape: Shape): void {
  if (inputShape.length === 2) return;
  checks.fail(
    'SHAPE_MISMATCH',
    `the input is ${showShape(inputShape)}; it must be a sequence, [steps, channels].`,
  );
}

/** As checkImage for two spatial axes, as checkSequence for one. */
export function checkSpatial(checks: OptionChecks, axes: number, inputShape: Shape): void {
  if (axes === 2) checkImage(checks, inputShape);
  else checkSequence(checks, inputShape);
}

/** The image [steps, 1, channels] for a sequence [steps, channels]. */
export function imageShape([steps, channels]: Shape): Shape {
  return [steps, 1, channels];
}

/**
 * Lowers a layer on sequences by a layer on images: reshapes the sequence to an image of one column, calls
 * `lowerImage`, and reshapes its result to a sequence.
 */
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
