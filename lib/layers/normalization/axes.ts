import { type OptionChecks, show } from '../../options.js';
import type { Shape } from '../../program/description.js';
import type { Kind } from '../options/schema.js';
import { showShape } from '../shapes.js';

/** The axis of the channels. */
export const channelAxis: Kind<number | readonly number[], number> = {
  read: (checks, _name, value) => readAxis(checks, value),
};

/** An axis of a value with its batch, -1 being the last; or a list of one, as older files have it. INVALID_ARGUMENT for anything else. */
export function readAxis(checks: OptionChecks, axis: unknown): number {
  const single = Array.isArray(axis) && axis.length === 1 ? axis[0] : axis;
  if (!Number.isSafeInteger(single)) {
    checks.fail('INVALID_ARGUMENT', `axis is ${show(axis)}; it must be a whole number, such as -1.`);
  }
  return single as number;
}

/** UNSUPPORTED unless the axis is the last one, which has the channels. */
export function checkChannelAxis(checks: OptionChecks, axis: number, inputShape: Shape): void {
  if (axis === -1 || axis === inputShape.length) return;
  checks.fail(
    'UNSUPPORTED',
    `axis is ${axis}, but channels are the last axis of an input ${showShape(inputShape)}: leave axis out, or permute the input first.`,
  );
}
