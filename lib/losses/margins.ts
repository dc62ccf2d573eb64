import type { LossDescription } from '../program/description.js';
import { describeLoss } from './describe.js';

/** Mean of max(1 - t p, 0); targets t are -1 or 1, and 0 counts as -1. */
export function hinge(): LossDescription {
  return describeLoss('hinge');
}

/** Mean of max(1 - t p, 0)^2; targets as for hinge. */
export function squaredHinge(): LossDescription {
  return describeLoss('squaredHinge');
}

/** max(max((1 - t) p) - sum t p + 1, 0) over the last axis, t being one-hot. */
export function categoricalHinge(): LossDescription {
  return describeLoss('categoricalHinge');
}
