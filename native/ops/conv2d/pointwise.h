// The product of a 1x1 convolution over some cells of its input, for its own forward pass and for chains of rows.
#pragma once

#include <string>

#include "ops/conv2d/conv.h"

namespace convforge {

// Returns why the kernel isn't 1x1 with strides of 1, or an empty string.
std::string decline_pointwise(const Conv& conv);

// Adjacent cells, x [count][channels] and y [count][filters].
struct PointwiseCells {
  const float* x = nullptr;
  float* y = nullptr;
  size_t count = 0;
  const float* kernel = nullptr;
  const float* bias = nullptr;  // or null
  bool stream = false;          // whether y may be stored past the caches
};

// Computes the filters of the parts [first_part, end_part), with bias and activation. `scratch`: kGemmScratch floats.
void run_pointwise(const Conv& c, const PointwiseCells& cells, size_t first_part, size_t end_part, float* scratch);

}  // namespace convforge
