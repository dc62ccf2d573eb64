/** The slope of a line through points. */
export interface Slope {
  value: number;
  /** Standard error of the value, if the points' distances from the line are independent. */
  error: number;
}

/** Fits a line through the points by least squares. There must be three or more, and two different x. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): Slope {
  const n = points.length;
  const mean = (axis: 0 | 1) => points.reduce((sum, point) => sum + point[axis], 0) / n;
  const [meanX, meanY] = [mean(0), mean(1)];
  const sum = (of: (x: number, y: number) => number) =>
    points.reduce((total, [x, y]) => total + of(x - meanX, y - meanY), 0);
  const spread = sum((x) => x * x);
  const value = sum((x, y) => x * y) / spread;
  const rest = sum((x, y) => (y - value * x) ** 2);
  return { value, error: Math.sqrt(rest / (n - 2) / spread) };
}
