import { type OptionChecks, show } from '../../options.js';
import type { Shape } from '../../program/description.js';
import type { Kind } from '../options/schema.js';

/**
 * `[null, ...]`, the batch first. For each other axis: null or the input's size to drop its elements one by
 * one, 1 to drop them as one.
 */
export type NoiseShape = readonly (number | null)[];

/** The first entry must be null: each sample has its own noise. */
export const noiseShape: Kind<NoiseShape> = {
  read: readNoiseShape,
  write: (sizes) => [...sizes],
};

function readNoiseShape(checks: OptionChecks, name: string, value: unknown): NoiseShape {
  const fits =
    Array.isArray(value) &&
    value[0] === null &&
    value.every((size) => size === null || (Number.isSafeInteger(size) && size >= 1));
  if (!fits) {
    checks.fail(
      'INVALID_ARGUMENT',
      `${name} is ${show(value)}; it must be [null, ...], null for the batch and then a size or null for each axis.`,
    );
  }
  return value as NoiseShape;
}

/** The noise shape without the batch, with the input's sizes in place of nulls. */
export function sampleNoiseShape(noiseShape: NoiseShape, inputShape: Shape): Shape {
  return noiseShape.slice(1).map((size, axis) => size ?? inputShape[axis]);
}
