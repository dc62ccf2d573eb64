import { type OptionChecks, show } from '../../options.js';
import type { Shape } from '../../program/description.js';
import type { Kind } from '../options/schema.js';
import { showShape } from '../shapes.js';

/** The channel axis. */
export const channelAxis: Kind<number | readonly number[], number> = {
  read: (checks, _name, value) => readAxis(checks, value),
};

/**
 * Reads an axis, counted with the batch; -1 is the last. It may be a list of one, as in older files. Throws
 * INVALID_ARGUMENT for anything else.
 */
export function readAxis(checks: OptionChecks, axis: unknown): number {
  const single = Array.isArray(axis) && axis.length === 1 ? axis[0] : axis;
  if (!Number.isSafeInteger(single)) {
    checks.fail('INVALID_ARGUMENT', `axis is ${show(axis)}; it must be a whole number, such as -1.`);
  }
  return single as number;
}

/** Throws UNSUPPORTED unless the axis is the last one, which has the channels. */
export function checkChannelAxis(checks: OptionChecks, axis: number, inputShape: Shape): void {
  if (axis === -1 || axis === inputShape.length) return;
  checks.fail(
    'UNSUPPORTED',
    `axis is ${axis}, but channels are the last axis of an input ${showShape(inputShape)}: leave axis out, or permute the input first.`,
  );
}
