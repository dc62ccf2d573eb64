import { OptionChecks } from '../../options.js';
import type { LayerOptions } from '../base-layer.js';
import { type SampleShape, sameShape, showShape } from '../shapes.js';

/**
 * Turns the shorthand `key` (the sizes of a sample, or its one size) into inputShape. Throws INVALID_ARGUMENT
 * if the options also give a different shape.
 */
export function withInputShape<Options extends LayerOptions>(
  layer: string,
  options: Options,
  key: keyof Options & string,
): Options {
  const value: unknown = options?.[key];
  if (value == null) return options;
  const label = typeof options.name === 'string' ? options.name : layer;
  const checks = new OptionChecks(label, label);
  const sizes: SampleShape = (Array.isArray(value) ? value : [value]).map((size) =>
    size === null ? null : checks.whole(key, size, 1),
  );
  const shape = options.inputShape ?? options.batchInputShape?.slice(1);
  if (shape == null) return { ...options, inputShape: sizes };
  if (!sameShape(shape, sizes)) {
    checks.fail(
      'INVALID_ARGUMENT',
      `${key} says that the input is ${showShape(sizes)}, and inputShape that it is ${showShape(shape)}; give one of them.`,
    );
  }
  return options;
}
