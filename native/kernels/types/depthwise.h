// Depthwise convolutions.
#pragma once

#include <cstddef>

namespace convforge {

// One row of windows of a depthwise convolution, over rows of x [width][channels]. Element (i, j) of window o is at x[i
// * x_row + (first + o * stride + j * dilation) * channels]. Columns outside [0, width) are skipped. Channel c of
// kernel element (i, j), or of its gradient, is at [c / kPanel * w_panel + c % kPanel + i * w_row + j * w_column].
struct DepthwiseWindows {
  const float* x = nullptr;
  ptrdiff_t x_row = 0;
  int width = 0;
  int channels = 0;
  int rows = 0;
  int columns = 0;
  int first = 0;
  int stride = 1;
  int dilation = 1;
  ptrdiff_t w_panel = 0;
  ptrdiff_t w_row = 0;
  ptrdiff_t w_column = 0;
  int outputs = 0;
  const float* next_x = nullptr;  // a row of x to prefetch for the next call, or null
};

// y[r * y_row + o * y_column + c] = the sum over window o of row r, kernel row by kernel row, of x * w. Each sum is one
// chain of fused multiply-adds. Bias and ReLU follow as in Gemm.
struct DepthwiseRow : DepthwiseWindows {
  int output_rows = 1;  // rows of windows
  ptrdiff_t y_row = 0;
  // Where the rows of x begin, instead of x and x_row: kernel row i of row r has x_rows[r * rows + i]. Null only for a
  // single row.
  const float* const* x_rows = nullptr;
  const float* w = nullptr;
  float* y = nullptr;
  ptrdiff_t y_column = 0;
  const float* bias = nullptr;
  bool relu = false;
  float maximum = __builtin_inff();  // of ReLU
  bool stream = false;               // non-temporal stores; y, y_row, y_column and channels must be whole cache lines
};

// Adds to each element of dw the sum over the windows, in order, of x * dy[o * channels + c]. The chain starts from dw.
struct DepthwiseGradientRow : DepthwiseWindows {
  const float* dy = nullptr;
  float* dw = nullptr;
  const float* next_dy = nullptr;  // a row of dy to prefetch for the next call, or null
};

}  // namespace convforge
