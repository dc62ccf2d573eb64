/**
 * The error function in double precision, by a series without cancellation: 2 / sqrt(pi) e^(-x^2) times the
 * sum over n of 2^n x^(2n+1) / (1 * 3 * ... * (2n + 1)).
 */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
