// The forward pass of a depthwise convolution, row by row of the output.
#include "ops/conv2d/depthwise.h"
#include "ops/conv2d/forward.h"
#include "ops/streams.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

class DepthwiseForward {
 public:
  DepthwiseForward(const Conv& conv, const OpBuffers& buffers) : c_(conv), b_(buffers) {}

  size_t scratch() const {
    const Window& w = c_.window;
    return depth_multiplier(c_) > 1 ? static_cast<size_t>(w.height) * static_cast<size_t>(repeated_row()) : 0;
  }

  size_t tasks(const Step& s) const { return static_cast<size_t>(s.n) * bands(s); }
  void run(const Step& s, size_t task, float* scratch) const;

 private:
  size_t bands(const Step& s) const {
    return std::min(forward_tasks(kDepthwiseSlowness * c_.flops(), s), static_cast<size_t>(c_.out_h));
  }
  ptrdiff_t repeated_row() const { return static_cast<ptrdiff_t>(c_.window.width) * c_.filters; }
  int first_input(int output) const { return output * c_.window.stride_h - c_.window.top; }

  const Conv& c_;
  OpBuffers b_;
};

void DepthwiseForward::run(const Step& s, size_t task, float* scratch) const {
  const size_t count = bands(s);
  const auto [image, begin, end] = forward_band(c_, task / count, task % count, count);
  const Window& w = c_.window;
  const int extent = (w.rows - 1) * w.dilation_h + 1;
  // Only the input rows [low, high) are read.
  const int low = std::clamp(first_input(begin), 0, w.height);
  const int high = std::clamp(first_input(end - 1) + extent, low, w.height);
  const ptrdiff_t x_row = static_cast<ptrdiff_t>(w.width) * w.channels;
  ImageRows rows = {s.at(b_.in) + image * c_.input_size() + low * x_row, x_row, high - low};
  if (depth_multiplier(c_) > 1) {
    kernels().repeat(rows.x, scratch, static_cast<size_t>(rows.height) * static_cast<size_t>(x_row),
                     depth_multiplier(c_));
    rows.x = scratch;
    rows.row = repeated_row();
  }
  const size_t y_row = static_cast<size_t>(c_.out_w) * static_cast<size_t>(c_.filters);
  float* y = s.at(b_.out) + image * c_.output_size() + static_cast<size_t>(begin) * y_row;
  const float* kernel = forward_kernel(c_, s, b_);
  DepthwiseRow d = depthwise_row(c_);
  d.y = y;
  d.bias = forward_bias(c_, s, b_);
  d.stream = c_.in_kernel() && streams(static_cast<size_t>(s.n), c_.output_size(), c_.filters);
  for (int o = begin; o < end; ++o, d.y += y_row) {
    const int first = set_image_rows(d, rows, first_input(o) - low, w.rows, w.dilation_h, w.stride_h);
    d.w = kernel + first * d.w_row;
    kernels().depthwise(d);
  }
  if (!c_.in_kernel()) {
    activate_outputs(c_, y, static_cast<size_t>(end - begin) * static_cast<size_t>(c_.out_w),
                     static_cast<size_t>(c_.filters));
  }
}

void plan_depthwise(const Conv& conv, Plan& plan, const OpBuffers& buffers) {
  const DepthwiseForward depthwise(conv, buffers);
  plan.need_scratch(depthwise.scratch());
  plan.stage(
      {buffers.in, buffers.out}, [depthwise](const Step& s) { return depthwise.tasks(s); },
      [depthwise](const Step& s, size_t task, float* scratch) { depthwise.run(s, task, scratch); });
}

}  // namespace

const ForwardAlgorithm kDepthwiseForward = {"depthwise", decline_depthwise, [](const Conv&) { return true; },
                                            plan_depthwise};

}  // namespace convforge
