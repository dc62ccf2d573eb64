import { type OptionChecks, show } from '../options.js';
import { checkElementCount, type SampleShape } from './shapes.js';

interface InputShapeOptions {
  inputShape?: SampleShape;
  batchInputShape?: SampleShape;
}

/**
 * Reads inputShape or batchInputShape as a shape with the batch in front; undefined if neither is given.
 * Throws INVALID_ARGUMENT and TOO_LARGE.
 */
export function readInputShape(
  checks: OptionChecks,
  options: InputShapeOptions,
): (number | null)[] | undefined {
  const { inputShape, batchInputShape } = options;
  if (inputShape == null && batchInputShape == null) return undefined;
  const shape: unknown =
    inputShape ?? (Array.isArray(batchInputShape) ? batchInputShape.slice(1) : batchInputShape);
  if (!Array.isArray(shape) || shape.length === 0) {
    checks.fail(
      'INVALID_ARGUMENT',
      `inputShape is ${show(shape)}; it must be a list of sizes, such as [28, 28, 1], with null for those that may be any.`,
    );
  }
  const sizes = shape.map((size: unknown, axis: number) =>
    size === null ? null : checks.whole(`inputShape[${axis}]`, size, 1),
  );
  checkElementCount(checks, 'an input', sizes);
  return [batchInputShape?.[0] ?? null, ...sizes];
}
