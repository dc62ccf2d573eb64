// Depthwise convolutions.
#pragma once

#include <cstddef>

namespace convforge {

// A row of windows of a depthwise convolution over rows of x, [width][channels] each. Row i and column j of window o
// lie at x[i * x_row + (first + o * stride + j * dilation) * channels]; columns outside of [0, width) are left out. Of
// a kernel, or its gradient, channel c of that row and column is at [c / kPanel * w_panel + c % kPanel + i * w_row + j
// * w_column].
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
  const float* next_x = nullptr;  // a row of x that will be wanted next, or null
};

// y[o * y_column + c] = the sum over the rows and columns of window o, in that order, of x * w: a chain of fused
// multiply-adds, then bias and relu as in Gemm.
struct DepthwiseRow : DepthwiseWindows {
  const float* w = nullptr;
  float* y = nullptr;
  ptrdiff_t y_column = 0;
  const float* bias = nullptr;
  bool relu = false;
  bool stream = false;  // y goes past the caches; it and y_column are whole cache lines then, channels too
};

// Adds to each element of dw the sum over the windows, in order, of x * dy[o * channels + c], a chain that starts from
// dw.
struct DepthwiseGradientRow : DepthwiseWindows {
  const float* dy = nullptr;
  float* dw = nullptr;
  const float* next_dy = nullptr;  // as next_x
};

}  // namespace convforge
