#include "ops/conv2d/conv2d.h"

#include <algorithm>

#include "ops/conv2d/forward.h"
#include "ops/conv2d/gradient.h"
#include "runtime/error.h"

namespace convforge {
namespace {

int group_count(const NodeDescription& node) { return node.attributes.count("groups") ? node.integer("groups", 1) : 1; }

const Shape& kernel_shape(const NodeDescription& node, const Shape& in, int groups) {
  node.expect_parameters({"kernel", "bias"}, 1);
  const Shape& kernel = node.parameters[0].shape;
  if (kernel.size() != 4 || in.size() != 3 || in[2] % groups != 0 || kernel[2] != in[2] / groups) {
    throw Error("SHAPE_MISMATCH",
                node.name + ": a kernel " + to_string(kernel) + " doesn't fit its input " + to_string(in) + " in " +
                    std::to_string(groups) + " groups; it takes [height, width, in channels / groups, out channels]",
                node.name);
  }
  if (kernel[3] % groups != 0) {
    throw Error("SHAPE_MISMATCH",
                node.name + ": " + std::to_string(kernel[3]) + " filters can't be divided evenly among " +
                    std::to_string(groups) + " groups",
                node.name);
  }
  checked_size(kernel, "kernel", node.name);
  return kernel;
}

// Splits the filters into blocks that stay within one group and one panel.
std::vector<FilterBlock> filter_blocks(const Conv& conv) {
  std::vector<FilterBlock> blocks;
  for (int begin = 0; begin < conv.filters; begin += blocks.back().count) {
    const int group = begin / conv.group_filters();
    const int group_end = (group + 1) * conv.group_filters();
    const int panel_end = (begin / kPanel + 1) * kPanel;
    blocks.push_back({group, begin, std::min(group_end, panel_end) - begin});
  }
  return blocks;
}

// Groups whose filters fill whole panels, or the only group, are one block each.
std::vector<FilterBlock> filter_spans(const Conv& conv) {
  if (conv.groups > 1 && conv.group_filters() % kPanel != 0) return conv.blocks;
  std::vector<FilterBlock> spans;
  for (int group = 0; group < conv.groups; ++group)
    spans.push_back({group, group * conv.group_filters(), conv.group_filters()});
  return spans;
}

// Adds an activation or max-pooling to the epilogue. Returns false if it doesn't fit.
bool absorb_epilogue(const Fusion& fusion, Conv* conv) {
  if (fusion.activation) {
    if (conv->activated) return false;
    conv->activated = true;
    conv->activation = *fusion.activation;
    return true;
  }
  const std::optional<Window>& pool = fusion.max_pooling;
  constexpr int kMaxCells = 255;  // a winning index is stored in a byte
  // Fused pooling would save a depthwise convolution little, and no algorithm implements it.
  if (!pool || conv->pool || conv->depthwise() || pool->rows * pool->columns > kMaxCells) return false;
  conv->pool = true;
  conv->pool_rows = pool->rows;
  conv->pool_columns = pool->columns;
  conv->out_h = pool->out_h;
  conv->out_w = pool->out_w;
  for (int o = 0; o < conv->out_w; ++o) {
    conv->pool_begin.push_back(o * conv->pool_columns);
    conv->pool_end.push_back((o + 1) * conv->pool_columns);
  }
  return true;
}

}  // namespace

Conv2dOp::Conv2dOp(const NodeDescription& node, const Shape& in) : Op(node, in, {}), parameters_(node.parameters) {
  conv_.groups = group_count(node);
  const Shape& kernel = kernel_shape(node, in, conv_.groups);
  const Window& w = conv_.window = make_window(node, in, kernel[0], kernel[1], node.integers("dilation", 2, 1));
  conv_.name = node.name;
  conv_.filters = static_cast<int>(kernel[3]);
  conv_.exact = node.flag("exact");
  conv_.has_bias = node.parameters.size() > 1;
  if (conv_.has_bias && node.parameters[1].shape != Shape{kernel[3]}) {
    throw Error("SHAPE_MISMATCH",
                node.name + ": the bias must have a value for each of " + std::to_string(conv_.filters) + " filters",
                node.name);
  }
  conv_.out_h = w.out_h;
  conv_.out_w = w.out_w;
  out = {w.out_h, w.out_w, conv_.filters};
  checked_size(out, "output", node.name);

  const bool whole_rows = w.dilation_w == 1 && conv_.groups == 1;
  const ptrdiff_t row_floats = static_cast<ptrdiff_t>(conv_.padded_floats(1));
  conv_.segment_depth = (whole_rows ? w.columns : 1) * conv_.group_channels();
  for (int i = 0; i < w.rows; ++i) {
    for (int j = 0; j < (whole_rows ? 1 : w.columns); ++j) {
      conv_.segments.push_back(i * w.dilation_h * row_floats + j * w.dilation_w * w.channels);
    }
  }
  conv_.blocks = filter_blocks(conv_);
  conv_.spans = filter_spans(conv_);
  for (int o = 0; o < w.out_h; ++o) conv_.output_rows.push_back(o * w.stride_h * row_floats);
}

void Conv2dOp::bind_parameters(const std::vector<Parameter>& parameters) {
  conv_.kernel_offset = parameters[0].offset;
  conv_.kernel_gradient = parameters[0].gradient;
  if (!conv_.has_bias) return;
  conv_.bias_offset = parameters[1].offset;
  conv_.bias_gradient = parameters[1].gradient;
}

bool Conv2dOp::absorb(const Op& next) {
  if (next.fusion().scaling || !absorb_epilogue(next.fusion(), &conv_)) return false;
  out = next.out;
  return true;
}

bool Conv2dOp::absorb_in_inference(const Op& next) {
  const Fusion fusion = next.fusion();
  ConvParts& parts = inference_;
  const Conv& last = parts.empty() ? conv_ : *parts.back();
  if (fusion.convolution) {
    if (!extends_row_chain(std::max<size_t>(parts.size(), 1), last, *fusion.convolution)) return false;
    if (parts.empty()) parts.push_back(std::make_unique<Conv>(conv_));
    parts.push_back(std::make_unique<Conv>(*fusion.convolution));
    return true;
  }
  if (!fusion.scaling) return !parts.empty() && absorb_epilogue(fusion, parts.back().get());
  if (last.scaling || last.activated || last.pool) return false;
  if (parts.empty()) parts.push_back(std::make_unique<Conv>(conv_));
  parts.back()->scaling = fusion.scaling;
  if (fusion.activation) absorb_epilogue(fusion, parts.back().get());
  return true;
}

void Conv2dOp::plan_forward(Plan& plan, OpBuffers& buffers, bool training) const {
  if (training || inference_.empty()) {
    plan_conv_forward(conv_, plan, buffers, training);
  } else {
    plan_row_chain(inference_, plan, buffers);
  }
}

void Conv2dOp::plan_backward(Plan& plan, const OpBuffers& buffers) const { plan_conv_backward(conv_, plan, buffers); }

std::unique_ptr<Op> make_conv2d(const NodeDescription& node, const Shape& in) {
  return std::make_unique<Conv2dOp>(node, in);
}

}  // namespace convforge
