import type { FloatArray } from './precision.js';

/** Sums a matrix [rows, columns] over its rows; `columns` is the length of `sums`. */
export function sumRows(matrix: FloatArray, sums: FloatArray): void {
  const columns = sums.length;
  const totals = new Float64Array(columns);
  for (let row = 0; row < matrix.length; row += columns) {
    for (let column = 0; column < columns; column++) totals[column] += matrix[row + column];
  }
  sums.set(totals);
}
