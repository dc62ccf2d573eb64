// The input gradient for stride 1, as a forward pass over the zero-padded gradient of the output with the flipped
// kernel. Each input's gradient is summed in registers, whereas the direct algorithm adds products to it in memory.
#include <algorithm>

#include "ops/conv2d/flipped_kernel.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

// The output's gradient, padded so that its convolution with the flipped kernel is dX.
Window gradient_window(const Conv& conv) {
  const Window& w = conv.window;
  const int height = (w.rows - 1) * w.dilation_h;
  const int width = (w.columns - 1) * w.dilation_w;
  Window g;
  g.height = w.out_h;
  g.width = w.out_w;
  g.channels = conv.filters;
  g.top = height - w.top;
  g.bottom = height - w.bottom;
  g.left = width - w.left;
  g.right = width - w.right;
  return g;
}

// Multiply-adds per image in vectors of 8, by gathering and by scattering.
double gathered(const Conv& conv) {
  const double cells = static_cast<double>(conv.window.height) * conv.window.width;
  const double taps = static_cast<double>(conv.window.rows) * conv.window.columns;
  return cells * taps * conv.filters * static_cast<double>(round_up(static_cast<size_t>(conv.group_channels()), 8));
}
double scattered(const Conv& conv) {
  return static_cast<double>(conv.cells() * conv.segments.size()) * conv.filters *
         static_cast<double>(round_up(static_cast<size_t>(conv.segment_depth), 8));
}

std::string decline(const Conv& conv) {
  const Window& w = conv.window;
  if (w.stride_h != 1 || w.stride_w != 1)
    return "strides " + std::to_string(w.stride_h) + "x" + std::to_string(w.stride_w);
  const Window g = gradient_window(conv);
  if (std::min({g.top, g.bottom, g.left, g.right}) < 0) return "its padding is wider than its kernel";
  // Scattering also reads and writes memory, hence the factor.
  if (gathered(conv) > 2 * scattered(conv)) return "scattering takes less than half as many multiply-adds";
  return {};
}

class GatherInputGradient : public FlippedKernel {
 public:
  explicit GatherInputGradient(const Conv& conv) : FlippedKernel(conv), gradient_(gradient_window(conv)) {
    const Window& w = conv.window;
    const bool whole_rows = w.dilation_w == 1 && conv.groups == 1;
    depth_ = (whole_rows ? w.columns : 1) * conv.group_filters();
    for (int i = 0; i < w.rows; ++i) {
      for (int j = 0; j < (whole_rows ? 1 : w.columns); ++j)
        segments_.push_back((i * w.dilation_h * gradient_.padded_w() + j * w.dilation_w) *
                            static_cast<ptrdiff_t>(conv.filters));
    }
    for (int y = 0; y < w.height; ++y) rows_.push_back(y * row());
  }

  bool handles_padding() const override { return true; }
  size_t scratch() const override { return padded_floats() + kGemmScratch; }

  void run(const GradientBlock& block, const float* prepared, float* dx, float* scratch) const override {
    const float* dy = block.dense;
    if (gradient_.padded()) {
      copy_padded_rows(gradient_, dy, 0, gradient_.padded_h(), scratch);
      dy = scratch;
    }
    const Window& w = c_.window;
    Gemm g;
    g.m = w.width;
    g.strips = w.height;
    g.a_strips = rows_.data();
    g.n = c_.group_channels();
    g.depth = depth_;
    g.segments = static_cast<int>(segments_.size());
    g.a_segments = segments_.data();
    g.a_row = c_.filters;
    g.a_depth = 1;
    g.b_depth = kPanel;
    g.b_segment = static_cast<ptrdiff_t>(depth_) * kPanel;
    g.b_panel = panel_floats();
    g.c_row = w.channels;
    g.scratch = scratch + padded_floats();
    for (int group = 0; group < c_.groups; ++group) {
      g.a = dy + group * c_.group_filters();
      g.b = panel(prepared, group, 0);
      g.c = dx + group * c_.group_channels();
      kernels().gemm(g);
    }
  }

 private:
  // Floats of a row of the padded gradient.
  ptrdiff_t row() const { return static_cast<ptrdiff_t>(gradient_.padded_w()) * c_.filters; }
  size_t padded_floats() const {
    const size_t floats = static_cast<size_t>(gradient_.padded_h()) * static_cast<size_t>(row());
    return gradient_.padded() ? round_up(floats, kLineFloats) : 0;
  }

  Window gradient_;
  // Contiguous segments of the gradient (kernel rows or cells): their depth and offsets.
  int depth_ = 0;
  std::vector<ptrdiff_t> segments_;
  std::vector<ptrdiff_t> rows_;  // offsets of the padded gradient's rows
};

}  // namespace

const GradientAlgorithm<InputGradient> kGatherInputGradient = {
    "gather", decline,
    [](const Conv& conv) -> std::unique_ptr<InputGradient> { return std::make_unique<GatherInputGradient>(conv); }};

}  // namespace convforge
