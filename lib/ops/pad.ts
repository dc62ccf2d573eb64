import type { Padding } from '../layers/windows.js';
import { type OptionChecks, show } from '../options.js';

/** Padding before and after an axis, or a height and a width. */
export type Pair = readonly [number, number];

/**
 * Padding around an image: 'valid' for none; 'same' for ceil(size / stride) outputs; one number for all
 * sides; or [[top, bottom], [left, right]], which may stand between TF.js's [0, 0] for batch and channels.
 */
export type Pad = 'valid' | 'same' | number | readonly [Pair, Pair] | readonly [Pair, Pair, Pair, Pair];

export function readPad(checks: OptionChecks, pad: unknown): Padding {
  if (pad === 'valid' || pad === 'same') return pad;
  if (typeof pad === 'number')
    pad = [
      [pad, pad],
      [pad, pad],
    ];
  const sides = sidesOf(pad);
  if (!sides) {
    checks.fail(
      'INVALID_ARGUMENT',
      `pad is ${show(pad)}; it must be 'valid', 'same', a number of cells, or [[top, bottom], [left, right]].`,
    );
  }
  const [top, bottom, left, right] = sides.map((cells) => checks.whole('pad', cells, 0));
  return [
    [top, bottom],
    [left, right],
  ];
}

/** [top, bottom, left, right]; undefined unless `pad` has one of the two forms. */
function sidesOf(pad: unknown): unknown[] | undefined {
  if (!Array.isArray(pad) || !pad.every((pair) => Array.isArray(pair) && pair.length === 2)) return undefined;
  const cells: unknown[] = pad.flat();
  if (cells.length === 4) return cells;
  const isOuterZero = [0, 1, 6, 7].every((i) => cells[i] === 0);
  return cells.length === 8 && isOuterZero ? cells.slice(2, 6) : undefined;
}

/** How a fractional output size is rounded, under TF.js's name. */
export type DimRoundingMode = 'floor' | 'round' | 'ceil';

/**
 * Throws UNSUPPORTED for any rounding but that of the size formula, floor((I + pads - K) / stride) + 1. null
 * counts as not given.
 */
export function checkRounding(checks: OptionChecks, mode: DimRoundingMode | null | undefined): void {
  if (mode === undefined || mode === null || mode === 'floor') return;
  checks.fail(
    'UNSUPPORTED',
    `dimRoundingMode is ${show(mode)}; sizes are rounded down ('floor'): pad so that the windows fit, [[top, bottom], [left, right]].`,
  );
}
