// Winograd's transforms.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/types/activation.h"

namespace convforge {

// Winograd's transforms (kernels/winograd.inl.h) for kernels of taps x taps, where taps is 3 or 5. A tile has (taps +
// 3)^2 points, `point` floats apart. Each point has a row of channels, padded to whole vectors.

// A tile of the input, [taps + 3][taps + 3][channels], or of the output's gradient, [4][4][channels], at x. Rows and
// columns outside [begin, end) count as zero and are not read.
struct WinogradTile {
  const float* x = nullptr;
  ptrdiff_t x_row = 0;
  ptrdiff_t x_column = 0;
  int row_begin = 0;
  int row_end = 0;
  int column_begin = 0;
  int column_end = 0;
  int channels = 0;
  float* points = nullptr;
  ptrdiff_t point = 0;
};

// Transforms the points of a tile into 4 x 4 outputs and applies the epilogue: bias, 2x2 max-pooling (with `pool`),
// activation. Stores rows x columns of the result.
struct WinogradOutput {
  const float* points = nullptr;
  ptrdiff_t point = 0;
  const float* bias = nullptr;  // or null
  Activation activation = {};
  bool pool = false;
  int rows = 0;
  int columns = 0;
  int channels = 0;
  float* y = nullptr;
  ptrdiff_t y_row = 0;
  ptrdiff_t y_column = 0;
  uint8_t* index = nullptr;  // the winning index of each 2x2 window, laid out as y; or null
};

// Transforms n kernels to the points; n must be whole vectors. Their elements [taps][taps] are `cell` floats apart.
struct WinogradFilter {
  const float* cells = nullptr;
  ptrdiff_t cell = 0;
  int n = 0;
  float* points = nullptr;
  ptrdiff_t point = 0;
};

// The transpose of WinogradFilter, for the kernel's gradient.
struct WinogradFilterGradient {
  const float* points = nullptr;
  ptrdiff_t point = 0;
  int n = 0;
  float* cells = nullptr;
  ptrdiff_t cell = 0;
};

}  // namespace convforge
