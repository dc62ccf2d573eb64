/** The range of the finite values. */
export interface Extent {
  /** Larger than `most` if no value is finite. */
  least: number;
  most: number;
  /** The number of values that aren't finite. */
  nonFinite: number;
}

export function extentOf(values: ArrayLike<number>): Extent {
  const extent = { least: Number.POSITIVE_INFINITY, most: Number.NEGATIVE_INFINITY, nonFinite: 0 };
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      extent.nonFinite++;
      continue;
    }
    extent.least = Math.min(extent.least, values[i]);
    extent.most = Math.max(extent.most, values[i]);
  }
  return extent;
}

/** Describes values: "from -0.21 to 0.3", and the number that aren't finite. */
export function describeValues(values: ArrayLike<number>): string {
  const { least, most, nonFinite } = extentOf(values);
  const range = least <= most ? `from ${showNumber(least)} to ${showNumber(most)}` : 'no finite value';
  return nonFinite === 0 ? range : `${range}; ${nonFinite} not finite (magenta)`;
}

/** A number with three digits: "0.0123", "-4.5", "1.2e-7". */
export function showNumber(value: number): string {
  return String(Number(value.toPrecision(3)));
}
