// y[j][i] = x[i][j], in blocks of kLanes x kLanes. The remaining edges go element by element.
void transpose(const float* x, int rows, int columns, ptrdiff_t x_row, float* y, ptrdiff_t y_row) {
  const int whole_rows = rows / kLanes * kLanes;
  const int whole_columns = columns / kLanes * kLanes;
  for (int i = 0; i < whole_rows; i += kLanes) {
    for (int j = 0; j < whole_columns; j += kLanes) transpose_lanes(x + i * x_row + j, x_row, y + j * y_row + i, y_row);
  }
  for (int i = 0; i < rows; ++i) {
    for (int j = i < whole_rows ? whole_columns : 0; j < columns; ++j) y[j * y_row + i] = x[i * x_row + j];
  }
}
