/** The median of repeated measurements, and their quartiles. */
export interface Summary {
  median: number;
  /** The first and the third quartile. */
  low: number;
  high: number;
  repeats: number;
}

/** Throws RangeError without values. */
export function summarize(values: readonly number[]): Summary {
  return {
    median: quantile(values, 0.5),
    low: quantile(values, 0.25),
    high: quantile(values, 0.75),
    repeats: values.length,
  };
}

/** A quantile of values in any order, interpolated linearly. Throws RangeError without values. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('There are no values to summarize.');
  const sorted = [...values].sort((a, b) => a - b);
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}

/** Half of the interquartile range, as a share of the median. */
export function relativeSpread({ median, low, high }: Summary): number {
  return (high - low) / 2 / median;
}
