// Pooling and its gradients.
#pragma once

#include <cstddef>
#include <cstdint>

namespace convforge {

// One row of pooling windows over rows of x: window o covers `rows` rows and the columns [column_begin[o],
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
  // Where x is of a row of windows that comes later, from here, to fetch it from memory meanwhile; or 0.
  ptrdiff_t fetch = 0;
};

// Ranges [begin[i], end[i]).
struct Ranges {
  const int32_t* begin = nullptr;
  const int32_t* end = nullptr;
};

// dx for the rows [row_begin, row_end) of an image [height][width][channels]: in each cell the sum, over the windows
// that it is in, row by row, of what it gets of dy [output rows][outputs][channels].
struct PoolGradient {
  const float* dy = nullptr;
  int outputs = 0;
  Ranges rows;          // under each row of windows,
  Ranges columns;       // and under each column of them
  Ranges over_rows;     // the rows of windows over each row of the image,
  Ranges over_columns;  // and the columns of windows over each of its columns
  float* dx = nullptr;
  int row_begin = 0;
  int row_end = 0;
  int width = 0;
  int channels = 0;
  bool stream = false;  // dx goes past the caches; it and its cells are whole cache lines then
};

// The gradient of a row of windows that don't overlap, for maxima: all of dx under them.
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
