import { type OptionChecks, show } from '../options.js';
import { fitsShape, type SampleShape, showShape } from './shapes.js';
import { type ApplyOptions, SymbolicTensor } from './symbolic-tensor.js';

/**
 * Reads the inputs of `layer.apply` as a new list. Throws INVALID_ARGUMENT for values that aren't symbolic
 * tensors, and for too many or too few.
 */
export function readInputs(
  checks: OptionChecks,
  takesSeveral: boolean,
  inputs: unknown,
): readonly SymbolicTensor[] {
  const list: readonly unknown[] = Array.isArray(inputs) ? [...inputs] : [inputs];
  const misfit = list.find((each) => !(each instanceof SymbolicTensor));
  if (misfit !== undefined) {
    checks.fail(
      'INVALID_ARGUMENT',
      `apply takes the result of input({shape}) or of another layer's apply, not ${show(misfit)}.`,
    );
  }
  if (takesSeveral ? list.length < 2 || !Array.isArray(inputs) : list.length !== 1) {
    const expected = takesSeveral ? 'a list of two or more values' : 'one value';
    checks.fail('INVALID_ARGUMENT', `apply takes ${expected}; ${list.length} were given.`);
  }
  return list as readonly SymbolicTensor[];
}

/** Throws SHAPE_MISMATCH if the input contradicts the layer's option inputShape. */
export function checkInputShape(
  checks: OptionChecks,
  inputShape: SampleShape | undefined,
  given: SampleShape,
): void {
  if (!inputShape || fitsShape(given, inputShape)) return;
  checks.fail(
    'SHAPE_MISMATCH',
    `inputShape is ${showShape(inputShape)}, but the layer before gives ${showShape(given)}; leave inputShape out.`,
  );
}

/** Reads the options of `layer.apply`. Throws INVALID_ARGUMENT and UNKNOWN_OPTION. */
export function readApplyOptions(checks: OptionChecks, options: ApplyOptions = {}): ApplyOptions {
  checks.keys(options, ['training']);
  const { training } = options;
  return training == null ? {} : { training: checks.boolean('training', training) };
}
