#pragma once

#include <cstdint>
#include <vector>

#include "plan/description.h"

namespace convforge {

// The sliding window of a convolution or pooling, read from a node's attributes and checked.
struct Window {
  int height = 0, width = 0, channels = 0;  // of the input
  int rows = 0, columns = 0;                // of the window
  int stride_h = 1, stride_w = 1;
  int dilation_h = 1, dilation_w = 1;
  int top = 0, bottom = 0, left = 0, right = 0;  // padding
  int out_h = 0, out_w = 0;

  bool padded() const { return top || bottom || left || right; }
  int padded_h() const { return height + top + bottom; }
  int padded_w() const { return width + left + right; }
};

// The window of rows x columns over an image of shape `in`, by the attributes strides and padding. `beyond`: rows below
// the padding and columns on its right that count as padding, too. Throws Error INVALID_ARGUMENT, SHAPE_MISMATCH or
// TOO_LARGE.
Window make_window(const NodeDescription& node, const Shape& in, int64_t rows, int64_t columns,
                   const std::vector<int>& dilation, const std::vector<int>& beyond = {0, 0});

// Copies rows [first, first + count) of the zero-padded image to y.
void copy_padded_rows(const Window& w, const float* image, int first, int count, float* y);

// Copies the image out of a padded one.
void copy_unpadded(const Window& w, const float* padded, float* image);

}  // namespace convforge
