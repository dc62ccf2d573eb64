// What a convolution computes, once fusion is done: all that its algorithms need to know.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "kernels/types.h"
#include "ops/window.h"
#include "runtime/memory.h"

namespace convforge {

// Filters [begin, begin + count) of one group and one panel of the kernel.
struct FilterBlock {
  int group = 0;
  int begin = 0;
  int count = 0;
};

// With what is done in the same pass: bias, activation, and max-pooling by windows that tile the output (the full
// output then is never stored).
struct Conv {
  std::string name;
  Window window;
  int filters = 0;
  int groups = 1;            // of channels, each with filters of its own
  size_t kernel_offset = 0;  // of the parameters, in floats from the start of all weights
  bool has_bias = false;
  size_t bias_offset = 0;
  size_t kernel_gradient = 0;  // the same of their gradients
  size_t bias_gradient = 0;
  bool exact = false;  // no algorithm that rounds more than a direct sum does

  bool activated = false;
  Activation activation = {};
  bool pool = false;
  int pool_rows = 1;
  int pool_columns = 1;
  int out_h = 0;  // after pooling
  int out_w = 0;

  // The reduction of one output cell: segments (kernel rows, or kernel cells where columns are dilated or channels
  // grouped) of contiguous input.
  int segment_depth = 0;
  std::vector<ptrdiff_t> segments;            // where each begins, from the cell's first input
  std::vector<FilterBlock> blocks;            // all filters, in order
  std::vector<ptrdiff_t> output_rows;         // where each output row's input begins
  std::vector<int32_t> pool_begin, pool_end;  // columns of each pooling window

  bool depthwise() const { return groups > 1 && groups == window.channels; }
  int group_channels() const { return window.channels / groups; }
  int group_filters() const { return filters / groups; }
  size_t depth() const { return static_cast<size_t>(window.rows) * window.columns * group_channels(); }
  size_t panels() const { return ceil_div(static_cast<size_t>(filters), kPanel); }
  int panel_columns(int panel) const { return std::min(kPanel, filters - panel * kPanel); }
  // Where a block's columns begin in the kernel as it is stored, and its channels in a cell of the input.
  size_t panel_offset(const FilterBlock& block) const {
    return static_cast<size_t>(block.begin / kPanel) * depth() * kPanel + static_cast<size_t>(block.begin % kPanel);
  }
  int first_channel(const FilterBlock& block) const { return block.group * group_channels(); }
  // Floats of so many rows of the padded input.
  size_t padded_floats(int rows) const { return static_cast<size_t>(rows) * window.padded_w() * window.channels; }
  size_t input_size() const { return static_cast<size_t>(window.height) * window.width * window.channels; }
  // Of an image, before and after pooling.
  size_t cells() const { return static_cast<size_t>(window.out_h) * window.out_w; }
  size_t output_size() const { return static_cast<size_t>(out_h) * out_w * filters; }
  // Multiplications and additions of one pass over one image, counted densely.
  double flops() const { return 2.0 * static_cast<double>(cells()) * static_cast<double>(depth()) * filters; }
};

}  // namespace convforge
