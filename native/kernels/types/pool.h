// Pooling and its gradients.
#pragma once

#include <cstddef>
#include <cstdint>

namespace convforge {

// One row of pooling windows over rows of x. Window o covers `rows` rows and the columns [column_begin[o],
// column_end[o]).
struct PoolRow {
  const float* x = nullptr;
  ptrdiff_t x_row = 0;
  ptrdiff_t x_column = 0;
  int rows = 0;
  int outputs = 0;
  const int32_t* column_begin = nullptr;
  const int32_t* column_end = nullptr;
  int channels = 0;
  float* y = nullptr;
  ptrdiff_t y_column = 0;
  // Distance in floats from x to the rows to prefetch, those of a later row of windows; 0 for none.
  ptrdiff_t prefetch = 0;
};

// Ranges [begin[i], end[i]).
struct Ranges {
  const int32_t* begin = nullptr;
  const int32_t* end = nullptr;
};

// dx for the rows [row_begin, row_end) of an image [height][width][channels]. Each cell is the sum, over the windows
// that contain it, row by row, of its part of dy [output rows][outputs][channels].
struct PoolGradient {
  const float* dy = nullptr;
  int outputs = 0;
  Ranges rows;          // image rows that each row of windows covers
  Ranges columns;       // image columns that each column of windows covers
  Ranges over_rows;     // rows of windows that cover each image row
  Ranges over_columns;  // columns of windows that cover each image column
  float* dx = nullptr;
  int row_begin = 0;
  int row_end = 0;
  int width = 0;
  int channels = 0;
  bool stream = false;  // non-temporal stores; dx and its cells must be whole cache lines
};

// The gradient of max-pooling for a row of windows that don't overlap. Writes all of dx under them.
struct UnpoolRow {
  const float* dy = nullptr;
  ptrdiff_t dy_column = 0;
  int rows = 0;
  int outputs = 0;
  const int32_t* column_begin = nullptr;
  const int32_t* column_end = nullptr;
  int channels = 0;
  float* dx = nullptr;
  ptrdiff_t dx_row = 0;
  ptrdiff_t dx_column = 0;
  bool stream = false;  // as in PoolGradient
};

}  // namespace convforge
