// y[j][i] = x[i][j], by blocks that fit the cache lines of both sides.
void transpose(const float* x, int rows, int columns, ptrdiff_t x_row, float* y, ptrdiff_t y_row) {
  constexpr int kBlock = 16;
  for (int i0 = 0; i0 < rows; i0 += kBlock) {
    const int i1 = i0 + kBlock < rows ? i0 + kBlock : rows;
    for (int j0 = 0; j0 < columns; j0 += kBlock) {
      const int j1 = j0 + kBlock < columns ? j0 + kBlock : columns;
      for (int j = j0; j < j1; ++j) {
        for (int i = i0; i < i1; ++i) y[j * y_row + i] = x[i * x_row + j];
      }
    }
  }
}
