#pragma once

#include <cstddef>
#include <cstdint>

namespace convforge {

// For an output row or column, the two of the input that it lies between, and the second one's part in it.
struct Between {
  int32_t low = 0;
  int32_t high = 0;
  float part = 0;
};

// How images [rows][columns][channels] in memory are read: `stride` floats from row to row.
struct ImageLayout {
  int64_t stride = 0;
  int64_t channels = 0;
  bool nearest = false;  // `high` is `low` and `part` 0 then
};

// a and b weighed; where b has no part, a as it is: zero times an infinite b would be NaN.
inline float blend(float a, float b, float part) { return part == 0 ? a : a * (1 - part) + b * part; }

// Writes the pixel of x at row r and column c to y.
inline void interpolate(const float* x, const ImageLayout& at, const Between& r, const Between& c, float* y) {
  const float* low = x + r.low * at.stride;
  const float* high = x + r.high * at.stride;
  const int64_t left = c.low * at.channels;
  const int64_t right = c.high * at.channels;
  if (at.nearest) {
    for (int64_t k = 0; k < at.channels; ++k) y[k] = low[left + k];
    return;
  }
  for (int64_t k = 0; k < at.channels; ++k) {
    const float above = blend(low[left + k], low[right + k], c.part);
    const float below = blend(high[left + k], high[right + k], c.part);
    y[k] = blend(above, below, r.part);
  }
}

// Adds a pixel's gradient dy to those of the pixels that it was made of: the transpose of interpolate.
inline void spread(const float* dy, const ImageLayout& at, const Between& r, const Between& c, float* dx) {
  const auto add = [&](int32_t row, int32_t column, float part) {
    if (part == 0) return;
    float* to = dx + row * at.stride + column * at.channels;
    for (int64_t k = 0; k < at.channels; ++k) to[k] += dy[k] * part;
  };
  add(r.low, c.low, (1 - r.part) * (1 - c.part));
  if (at.nearest) return;
  add(r.low, c.high, (1 - r.part) * c.part);
  add(r.high, c.low, r.part * (1 - c.part));
  add(r.high, c.high, r.part * c.part);
}

}  // namespace convforge
