// Both gradients of a depthwise convolution, row by row.
#include <algorithm>
#include <numeric>

#include "ops/conv2d/depthwise.h"
#include "ops/conv2d/panel_sums.h"
#include "ops/streams.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

class DepthwiseKernelGradient : public PanelSums {
 public:
  using PanelSums::PanelSums;

  bool handles_padding() const override { return true; }
  size_t scratch() const override {
    return depth_multiplier(c_) > 1 ? c_.input_size() * static_cast<size_t>(depth_multiplier(c_)) : 0;
  }

  void run(const GradientBlock& block, float* partial, bool accumulate, float* scratch) const override {
    if (!accumulate) std::fill(partial, partial + partial_floats(), 0.0f);
    const Window& w = c_.window;
    ImageRows rows = {block.x, static_cast<ptrdiff_t>(w.width) * c_.filters, w.height};
    if (depth_multiplier(c_) > 1) {
      kernels().repeat(block.x, scratch, c_.input_size(), depth_multiplier(c_));
      rows.x = scratch;
    }
    const ptrdiff_t dy_row = static_cast<ptrdiff_t>(w.out_w) * c_.filters;
    DepthwiseGradientRow d;
    static_cast<DepthwiseWindows&>(d) = depthwise_windows(c_, w.width);
    for (int o = 0; o < w.out_h; ++o) {
      const int first = set_image_rows(d, rows, o * w.stride_h - w.top, w.rows, w.dilation_h, w.stride_h);
      d.dw = partial + first * d.w_row;
      d.dy = block.dense + o * dy_row;
      d.next_dy = o + 1 < w.out_h ? d.dy + dy_row : nullptr;
      kernels().depthwise_gradient(d);
    }
  }
};

// The input gradient of a strided convolution, split by phase. Positions of the input along one axis that are `stride`
// apart meet the same kernel taps. Position begin + i * stride, combined with tap last - t * step, meets output
// position first + i + t * dilation. So each phase is a convolution of stride 1 with a flipped kernel.
struct Phase {
  int begin = 0;
  int taps = 0;
  int last = 0;
  int step = 1;
  int first = 0;
  int dilation = 1;
};

std::vector<Phase> make_phases(int size, int before, int kernel, int stride, int dilation) {
  const int divisor = std::gcd(stride, dilation);
  std::vector<Phase> phases;
  for (int begin = 0; begin < std::min(size, stride); ++begin) {
    Phase phase;
    phase.begin = begin;
    phase.step = stride / divisor;
    phase.dilation = dilation / divisor;
    for (int tap = 0; tap < kernel; ++tap) {
      const int distance = begin + before - tap * dilation;
      if (distance % stride != 0) continue;
      ++phase.taps;
      phase.last = tap;
      phase.first = distance / stride;
    }
    phases.push_back(phase);
  }
  return phases;
}

class DepthwiseInputGradient : public InputGradient {
 public:
  explicit DepthwiseInputGradient(const Conv& conv)
      : c_(conv),
        row_phases_(make_phases(conv.window.height, conv.window.top, conv.window.rows, conv.window.stride_h,
                                conv.window.dilation_h)),
        column_phases_(make_phases(conv.window.width, conv.window.left, conv.window.columns, conv.window.stride_w,
                                   conv.window.dilation_w)) {}

  bool handles_padding() const override { return true; }

  // With several filters per channel: a row of all filters' gradients, as computed and by filter.
  size_t scratch() const override { return depth_multiplier(c_) > 1 ? 2 * filter_row() : 0; }

  void run(const GradientBlock& block, const float* kernel, float* dx, float* scratch) const override {
    const Window& w = c_.window;
    const int times = depth_multiplier(c_);
    const ImageRows rows = {block.dense, static_cast<ptrdiff_t>(w.out_w) * c_.filters, w.out_h};
    const ptrdiff_t dx_row = static_cast<ptrdiff_t>(w.width) * w.channels;
    DepthwiseRow d;
    static_cast<DepthwiseWindows&>(d) = depthwise_windows(c_, w.out_w);
    d.stream = times == 1 && streams(block.batch, c_.input_size(), w.channels);
    for (int row = 0; row < w.height; ++row, dx += dx_row) {
      run_row(d, rows, kernel, row, times > 1 ? scratch : dx);
      if (times == 1) continue;
      float* by_filter = scratch + filter_row();
      kernels().transpose(scratch, static_cast<int>(dx_row), times, times, by_filter, dx_row);
      kernels().sum_rows(by_filter, static_cast<size_t>(times), dx_row, dx, static_cast<int>(dx_row), false);
    }
  }

 private:
  size_t filter_row() const { return static_cast<size_t>(c_.window.width) * static_cast<size_t>(c_.filters); }

  void run_row(DepthwiseRow d, const ImageRows& rows, const float* kernel, int row, float* y) const {
    const Window& w = c_.window;
    const Phase& vertical = row_phases_[static_cast<size_t>(row % w.stride_h)];
    const int first = set_image_rows(d, rows, vertical.first + row / w.stride_h, vertical.taps, vertical.dilation, 1);
    const ptrdiff_t w_row = static_cast<ptrdiff_t>(w.columns) * kPanel;
    const float* w_begin = kernel + (vertical.last - first * vertical.step) * w_row;
    d.w_row = -vertical.step * w_row;
    d.stride = 1;
    d.y_column = static_cast<ptrdiff_t>(w.stride_w) * c_.filters;
    for (const Phase& phase : column_phases_) {
      d.columns = phase.taps;
      d.first = phase.first;
      d.dilation = phase.dilation;
      d.outputs = (w.width - phase.begin - 1) / w.stride_w + 1;
      d.w = w_begin + static_cast<ptrdiff_t>(phase.last) * kPanel;
      d.w_column = -static_cast<ptrdiff_t>(phase.step) * kPanel;
      d.y = y + static_cast<ptrdiff_t>(phase.begin) * c_.filters;
      kernels().depthwise(d);
      d.next_x = nullptr;
    }
  }

  const Conv& c_;
  std::vector<Phase> row_phases_;
  std::vector<Phase> column_phases_;
};

}  // namespace

const GradientAlgorithm<KernelGradient> kDepthwiseKernelGradient = {
    "depthwise", decline_depthwise, [](const Conv& conv) -> std::unique_ptr<KernelGradient> {
      return std::make_unique<DepthwiseKernelGradient>(conv);
    }};
const GradientAlgorithm<InputGradient> kDepthwiseInputGradient = {
    "depthwise", decline_depthwise,
    [](const Conv& conv) -> std::unique_ptr<InputGradient> { return std::make_unique<DepthwiseInputGradient>(conv); }};

}  // namespace convforge
