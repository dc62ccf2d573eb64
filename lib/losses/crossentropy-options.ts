import { OptionChecks } from '../options.js';

export interface CrossentropyOptions {
  /** Whether the outputs are logits, so that the loss applies the softmax. Default false. */
  fromLogits?: boolean;
}

export function readFromLogits(subject: string, options: CrossentropyOptions): boolean {
  const checks = new OptionChecks(subject);
  checks.keys(options, ['fromLogits']);
  return checks.boolean('fromLogits', options.fromLogits ?? false);
}
