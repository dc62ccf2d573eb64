#include "ops/window.h"

#include <algorithm>
#include <string>

#include "runtime/error.h"

namespace convforge {
namespace {

// O = floor((I + P - ((F - 1) D + 1)) / S) + 1.
int output_size(const NodeDescription& node, const char* axis, int64_t in, int64_t padding, int64_t window,
                int64_t dilation, int64_t stride) {
  const int64_t extent = (window - 1) * dilation + 1;
  if (extent > in + padding) {
    throw Error("SHAPE_MISMATCH",
                node.name + ": a window of " + axis + " " + std::to_string(extent) +
                    " doesn't fit in its padded input's " + std::to_string(in + padding),
                node.name);
  }
  return static_cast<int>((in + padding - extent) / stride + 1);
}

}  // namespace

Window make_window(const NodeDescription& node, const Shape& in, int64_t rows, int64_t columns,
                   const std::vector<int>& dilation, const std::vector<int>& beyond) {
  if (in.size() != 3) {
    throw Error("SHAPE_MISMATCH", node.name + ": takes images of [height, width, channels], not " + to_string(in),
                node.name);
  }
  const std::vector<int> strides = node.integers("strides", 2, 1);
  const std::vector<int> padding = node.integers("padding", 4, 0);
  Window w;
  w.height = static_cast<int>(in[0]);
  w.width = static_cast<int>(in[1]);
  w.channels = static_cast<int>(in[2]);
  w.stride_h = strides[0];
  w.stride_w = strides[1];
  w.dilation_h = dilation[0];
  w.dilation_w = dilation[1];
  w.top = padding[0];
  w.bottom = padding[1];
  w.left = padding[2];
  w.right = padding[3];
  checked_size({rows, columns}, "window", node.name);
  w.rows = static_cast<int>(rows);
  w.columns = static_cast<int>(columns);
  const int64_t padded_h = in[0] + w.top + w.bottom + beyond[0];
  const int64_t padded_w = in[1] + w.left + w.right + beyond[1];
  checked_size({padded_h, padded_w, in[2]}, "padded input", node.name);
  w.bottom += beyond[0];
  w.right += beyond[1];
  w.out_h = output_size(node, "height", in[0], w.top + int64_t{w.bottom}, rows, w.dilation_h, w.stride_h);
  w.out_w = output_size(node, "width", in[1], w.left + int64_t{w.right}, columns, w.dilation_w, w.stride_w);
  return w;
}

void copy_padded_rows(const Window& w, const float* image, int first, int count, float* y) {
  const ptrdiff_t row_floats = static_cast<ptrdiff_t>(w.padded_w()) * w.channels;
  const ptrdiff_t image_row = static_cast<ptrdiff_t>(w.width) * w.channels;
  const ptrdiff_t left = static_cast<ptrdiff_t>(w.left) * w.channels;
  for (int r = 0; r < count; ++r, y += row_floats) {
    const int row = first + r - w.top;
    if (row < 0 || row >= w.height) {
      std::fill(y, y + row_floats, 0.0f);
      continue;
    }
    const float* x = image + row * image_row;
    std::fill(y, y + left, 0.0f);
    std::copy(x, x + image_row, y + left);
    std::fill(y + left + image_row, y + row_floats, 0.0f);
  }
}

void copy_unpadded(const Window& w, const float* padded, float* image) {
  const ptrdiff_t row_floats = static_cast<ptrdiff_t>(w.padded_w()) * w.channels;
  const ptrdiff_t image_row = static_cast<ptrdiff_t>(w.width) * w.channels;
  for (int r = 0; r < w.height; ++r) {
    const float* x = padded + (r + w.top) * row_floats + static_cast<ptrdiff_t>(w.left) * w.channels;
    std::copy(x, x + image_row, image + r * image_row);
  }
}

}  // namespace convforge
