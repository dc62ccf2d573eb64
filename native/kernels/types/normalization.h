// Normalizations.
#pragma once

#include <cstddef>

namespace convforge {

// The mean of each channel of x [rows][channels], and the sum of the squared distances from it. There must be at least
// one row; rows are `row` floats apart. Rounding errors are small against the standard deviation, however large the
// mean is.
struct ChannelMoments {
  const float* x = nullptr;
  ptrdiff_t row = 0;
  int rows = 0;
  int channels = 0;
  float* mean = nullptr;     // [channels]
  float* squares = nullptr;  // [channels]
};

// y = (x - mean) * scale + shift by channels, then ReLU with a maximum. x and y are [rows][channels], rows `row` floats
// apart.
struct ChannelNormalize {
  const float* x = nullptr;
  ptrdiff_t row = 0;
  int rows = 0;
  int channels = 0;
  const float* mean = nullptr;  // [channels]
  const float* scale = nullptr;
  const float* shift = nullptr;
  bool relu = false;
  float maximum = __builtin_inff();  // of ReLU
  bool stream = false;               // non-temporal stores; rows and channels must be whole cache lines
};

// Arguments of two kernels, for the gradient dy by y. g is dy where ReLU lets it through, else 0.
//   channel_gradient_sums: sum = sum over rows of g, product = sum over rows of g * (x - mean).
//   channel_gradient: dx = scale * g + sum + product * (x - mean).
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

// Arguments of three kernels, for the gradient dy by y, with g = gamma * dy. None reads beta.
//   row_gradient_sums: the sums over the row of g and of g * (x - mean).
//   row_parameter_sums: adds the row's part to the gradients of gamma and beta.
//   row_gradient: dx = inverse * g + sum_part + product_part * (x - mean).
struct RowGradient : RowNormalize {
  const float* dy = nullptr;
};

}  // namespace convforge
