#pragma once

#include <cstddef>
#include <cstdint>

namespace convforge {

// Where an output row (or column) lies between two rows of the input.
struct Neighbours {
  int32_t low = 0;
  int32_t high = 0;
  float weight = 0;
};

// The memory layout of images [rows][columns][channels]: `stride` floats from row to row.
struct ImageLayout {
  int64_t stride = 0;
  int64_t channels = 0;
  bool nearest = false;  // nearest neighbour: `high` must be `low` and `weight` 0
};

// Linear interpolation. A weight of 0 gives a as it is, since zero times an infinite b would be NaN.
inline float lerp(float a, float b, float weight) { return weight == 0 ? a : a * (1 - weight) + b * weight; }

// Writes the pixel of x at row r and column c to y.
inline void interpolate(const float* x, const ImageLayout& at, const Neighbours& r, const Neighbours& c, float* y) {
  const float* low = x + r.low * at.stride;
  const float* high = x + r.high * at.stride;
  const int64_t left = c.low * at.channels;
  const int64_t right = c.high * at.channels;
  if (at.nearest) {
    for (int64_t k = 0; k < at.channels; ++k) y[k] = low[left + k];
    return;
  }
  for (int64_t k = 0; k < at.channels; ++k) {
    const float above = lerp(low[left + k], low[right + k], c.weight);
    const float below = lerp(high[left + k], high[right + k], c.weight);
    y[k] = lerp(above, below, r.weight);
  }
}

// The transpose of interpolate: adds a pixel's gradient dy to the gradients of the pixels that it was interpolated
// from.
inline void interpolate_gradient(const float* dy, const ImageLayout& at, const Neighbours& r, const Neighbours& c,
                                 float* dx) {
  const auto add = [&](int32_t row, int32_t column, float weight) {
    if (weight == 0) return;
    float* to = dx + row * at.stride + column * at.channels;
    for (int64_t k = 0; k < at.channels; ++k) to[k] += dy[k] * weight;
  };
  add(r.low, c.low, (1 - r.weight) * (1 - c.weight));
  if (at.nearest) return;
  add(r.low, c.high, (1 - r.weight) * c.weight);
  add(r.high, c.low, r.weight * (1 - c.weight));
  add(r.high, c.high, r.weight * c.weight);
}

}  // namespace convforge
