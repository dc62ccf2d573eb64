/** What values are between, those left out that are not finite. */
export interface Extent {
  /** More than `most` where no value is finite. */
  least: number;
  most: number;
  /** How many are not finite. */
  odd: number;
}

export function extentOf(values: ArrayLike<number>): Extent {
  const extent = { least: Number.POSITIVE_INFINITY, most: Number.NEGATIVE_INFINITY, odd: 0 };
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      extent.odd++;
      continue;
    }
    extent.least = Math.min(extent.least, values[i]);
    extent.most = Math.max(extent.most, values[i]);
  }
  return extent;
}

/** "from -0.21 to 0.3", and how many are not finite. */
export function describeValues(values: ArrayLike<number>): string {
  const { least, most, odd } = extentOf(values);
  const range = least <= most ? `from ${showNumber(least)} to ${showNumber(most)}` : 'no finite value';
  return odd === 0 ? range : `${range}; ${odd} not finite (magenta)`;
}

/** Three digits: "0.0123", "-4.5", "1.2e-7". */
export function showNumber(value: number): string {
  return String(Number(value.toPrecision(3)));
}
