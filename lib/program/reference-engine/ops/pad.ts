import type { AttributesOf } from '../../description.js';
import { finiteNumber, oneOf, wholeNumbers } from '../checks.js';
import type { Op } from '../op.js';
import { copying } from '../strided.js';

type Mode = NonNullable<AttributesOf<'pad'>['mode']>;

const LEAST = 1 - 2 ** 31;

const modulo = (value: number, by: number): number => ((value % by) + by) % by;

/** For each mode, the place among `size` elements of one at any distance from the first. */
const PLACES: Record<Mode, (at: number, size: number) => number | undefined> = {
  constant: (at, size) => (at >= 0 && at < size ? at : undefined),
  edge: (at, size) => Math.min(Math.max(at, 0), size - 1),
  reflect: (at, size) => {
    const part = modulo(at, Math.max(2 * (size - 1), 1));
    return part < size ? part : 2 * (size - 1) - part;
  },
  symmetric: (at, size) => {
    const part = modulo(at, 2 * size);
    return part < size ? part : 2 * size - 1 - part;
  },
  wrap: modulo,
};

export const pad: Op<'pad'> = {
  check(node, input) {
    wholeNumbers(node, 'before', input.length, LEAST);
    wholeNumbers(node, 'after', input.length, LEAST);
    if (node.attributes.mode !== undefined) oneOf(node, 'mode', Object.keys(PLACES));
    if (node.attributes.value !== undefined) finiteNumber(node, 'value');
  },
  ...copying(
    ({ node, inputShape }, position) => {
      const { before, after, mode = 'constant' } = node.attributes;
      const from: number[] = [];
      for (const [axis, index] of position.entries()) {
        const cropped = Math.max(-before[axis], 0);
        const kept = inputShape[axis] - cropped - Math.max(-after[axis], 0);
        const place = PLACES[mode](index - Math.max(before[axis], 0), kept);
        if (place === undefined) return undefined;
        from.push(cropped + place);
      }
      return from;
    },
    ({ node }) => node.attributes.value ?? 0,
  ),
};
