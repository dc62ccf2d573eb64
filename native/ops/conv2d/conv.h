// What a convolution computes, after fusion: all that its algorithms need to know.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "kernels/types.h"
#include "ops/fusion.h"
#include "ops/window.h"
#include "runtime/memory.h"

namespace convforge {

// Filters [begin, begin + count) of one group and one panel of the kernel.
struct FilterBlock {
  int group = 0;
  int begin = 0;
  int count = 0;
};

// A convolution with its epilogue: bias, activation, and max-pooling by windows that tile the output. With pooling, the
// full output is never stored.
struct Conv {
  std::string name;
  Window window;
  int filters = 0;
  int groups = 1;            // groups of channels, each with its own filters
  size_t kernel_offset = 0;  // floats from the start of the program's weights
  bool has_bias = false;
  size_t bias_offset = 0;
  size_t kernel_gradient = 0;  // floats from the start of the gradients
  size_t bias_gradient = 0;
  bool exact = false;  // excludes algorithms that round more than a direct sum

  const ChannelScaling* scaling = nullptr;  // a normalization between bias and activation, folded into the kernel

  bool activated = false;
  Activation activation = {};
  bool pool = false;
  int pool_rows = 1;
  int pool_columns = 1;
  int out_h = 0;  // after pooling
  int out_w = 0;

  // The reduction of one output cell runs over segments of contiguous input: kernel rows, or kernel cells if columns
  // are dilated or channels grouped.
  int segment_depth = 0;
  std::vector<ptrdiff_t> segments;            // offset of each segment from the cell's first input
  std::vector<FilterBlock> blocks;            // all filters, in order
  std::vector<FilterBlock> spans;             // the same, but a group's whole panels are one block
  std::vector<ptrdiff_t> output_rows;         // offset of each output row's first input
  std::vector<int32_t> pool_begin, pool_end;  // range of columns of each pooling window

  // Whether products apply the activation themselves.
  bool in_kernel() const { return activation.clips() || activation.kind == Activation::Kind::kLinear; }
  bool depthwise() const { return groups > 1 && groups == window.channels; }
  int group_channels() const { return window.channels / groups; }
  int group_filters() const { return filters / groups; }
  size_t depth() const { return static_cast<size_t>(window.rows) * window.columns * group_channels(); }
  size_t panels() const { return ceil_div(static_cast<size_t>(filters), kPanel); }
  int panel_columns(int panel) const { return std::min(kPanel, filters - panel * kPanel); }
  // The offset of a block's columns in the packed kernel, and its first channel in the input.
  size_t panel_offset(const FilterBlock& block) const {
    return static_cast<size_t>(block.begin / kPanel) * depth() * kPanel + static_cast<size_t>(block.begin % kPanel);
  }
  int first_channel(const FilterBlock& block) const { return block.group * group_channels(); }
  // The parts of the filters that tasks can take: blocks if the output is pooled, otherwise panels, or groups.
  size_t filter_parts() const { return pool || groups == 1 ? blocks.size() : spans.size(); }
  // Calls run(block) for the blocks that the parts [begin, end) make up.
  template <typename Run>
  void for_filters(size_t begin, size_t end, Run run) const {
    if (pool || groups > 1) {
      for (size_t i = begin; i < end; ++i) run(pool ? blocks[i] : spans[i]);
    } else {
      const int first = static_cast<int>(begin) * kPanel;
      run(FilterBlock{0, first, std::min(filters, static_cast<int>(end) * kPanel) - first});
    }
  }
  // Floats of `rows` rows of the padded input.
  size_t padded_floats(int rows) const { return static_cast<size_t>(rows) * window.padded_w() * window.channels; }
  size_t input_size() const { return static_cast<size_t>(window.height) * window.width * window.channels; }
  // Cells of an output image before pooling, and its floats after pooling.
  size_t cells() const { return static_cast<size_t>(window.out_h) * window.out_w; }
  size_t output_size() const { return static_cast<size_t>(out_h) * out_w * filters; }
  // Multiplications and additions of one pass over one image, by the direct algorithm.
  double flops() const { return 2.0 * static_cast<double>(cells()) * static_cast<double>(depth()) * filters; }
};

}  // namespace convforge
