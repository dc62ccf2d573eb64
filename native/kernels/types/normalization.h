// Normalizations.
#pragma once

#include <cstddef>

namespace convforge {

// Of each channel of x [rows][channels], rows `row` floats apart, one or more: the mean, and the sum of the squared
// distances from it. Rounding errors are small against the standard deviation however large the mean is.
struct ChannelMoments {
  const float* x = nullptr;
  ptrdiff_t row = 0;
  int rows = 0;
  int channels = 0;
  float* mean = nullptr;     // [channels]
  float* squares = nullptr;  // [channels]
};

// y = (x - mean) * scale + shift by channels, then relu; x and y are [rows][channels], rows `row` floats apart.
struct ChannelNormalize {
  const float* x = nullptr;
  ptrdiff_t row = 0;
  int rows = 0;
  int channels = 0;
  const float* mean = nullptr;  // [channels]
  const float* scale = nullptr;
  const float* shift = nullptr;
  bool relu = false;
};

// Of the gradient dy by y, g being what relu lets through of it: sum = sum over rows of g and product = sum over rows
// of g * (x - mean); or the gradient dx = scale * g + sum + product * (x - mean).
struct ChannelGradient : ChannelNormalize {
  const float* dy = nullptr;  // laid out as x
  float* sum = nullptr;       // [channels]
  float* product = nullptr;   // [channels]
};

// y = (x - mean) * inverse * gamma + beta over a row of n.
struct RowNormalize {
  const float* x = nullptr;
  int n = 0;
  float mean = 0;
  float inverse = 0;  // 1 / the standard deviation
  const float* gamma = nullptr;
  const float* beta = nullptr;
};

// Of the gradient dy by y, with g = gamma * dy: the sums over the row of g and of g * (x - mean); what the row adds to
// the gradients of gamma and beta; and dx = inverse * g + sum_part + product_part * (x - mean). beta isn't read.
struct RowGradient : RowNormalize {
  const float* dy = nullptr;
};

}  // namespace convforge
