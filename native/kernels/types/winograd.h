// Winograd's transforms.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/types/activation.h"

namespace convforge {

// Winograd's transforms (kernels/winograd.inl.h) for kernels of taps x taps, 3 or 5. The values of a tile at its (taps
// + 3)^2 points are `point` floats apart, each with a row of whole vectors of channels.

// A tile of the input, [taps + 3][taps + 3][channels] from x, or of the output's gradient, [4][4][channels]: rows and
// columns outside [begin, end) are zero and not read.
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

// A tile of 4 x 4 outputs from its values, plus bias, then its largest of each 2 x 2 (with `pool`), then the
// activation. Of the result, rows x columns are stored.
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
  uint8_t* index = nullptr;  // where each came from in its 2 x 2, laid out as y; or null
};

// n kernels, whole vectors, whose cells [taps][taps] are `cell` floats apart.
struct WinogradFilter {
  const float* cells = nullptr;
  ptrdiff_t cell = 0;
  int n = 0;
  float* points = nullptr;
  ptrdiff_t point = 0;
};

// The way back, for gradients.
struct WinogradFilterGradient {
  const float* points = nullptr;
  ptrdiff_t point = 0;
  int n = 0;
  float* cells = nullptr;
  ptrdiff_t cell = 0;
};

}  // namespace convforge
