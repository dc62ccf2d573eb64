#pragma once

#include "ops/op.h"
#include "ops/window.h"

namespace convforge {

// Windows along one axis, clipped to the input.
struct WindowSpans {
  WindowSpans(int size, int windows, int cells, int stride, int padding);

  // The range of cells [begin, end) in each window.
  std::vector<int32_t> begin, end;
  // The range of windows [over_begin, over_end) that contain each cell.
  std::vector<int32_t> over_begin, over_end;
};

enum class PoolKind { kMax, kAverage, kSum };

PoolKind read_pool_kind(const NodeDescription& node);
// The window of a pooling, with padding smaller than its extent.
Window pool_window(const NodeDescription& node, const Shape& in);
// The factor of each window's sum, row by row, by the attributes kind and counted. None for max-pooling.
std::vector<float> pool_factors(const NodeDescription& node, const Window& window);

// Pooling over windows with dilation 1.
class Pool2dOp : public Op {
 public:
  Pool2dOp(const NodeDescription& node, const Shape& in);

  Fusion fusion() const override;
  void plan_forward(Plan& plan, OpBuffers& buffers, bool training) const override;
  void plan_backward(Plan& plan, const OpBuffers& buffers) const override;

 private:
  // Whether the windows tile the input: each input cell is in at most one window.
  bool tiles() const {
    return !window_.padded() && window_.stride_h == window_.rows && window_.stride_w == window_.columns;
  }

  // The rows [begin, end) of one image, for a task.
  struct Band {
    size_t image = 0;
    int begin = 0;
    int end = 0;
  };
  static Band band(size_t task, int rows, int rows_per_task);

  void begin_pass(Plan& plan, const char* kind, bool with_indices) const;
  void forward(const Step& s, const OpBuffers& b, const Band& band, bool training) const;
  void backward(const Step& s, const OpBuffers& b, const Band& band) const;
  // Whether the backward pass goes window by window and writes each cell once: max-pooling whose windows tile the
  // input. A band is then rows of windows.
  bool unpools() const { return kind_ == PoolKind::kMax && tiles() && byte_index(); }
  void unpool(const Step& s, const OpBuffers& b, const Band& band) const;
  // Whether a winning index fits in a byte.
  bool byte_index() const { return window_.rows * window_.columns <= 256; }

  PoolKind kind_ = PoolKind::kMax;
  Window window_;
  WindowSpans rows_;
  WindowSpans columns_;
  std::vector<float> factors_;  // by window: factor of its sum; empty for max-pooling
};

// Makes a pooling over windows with a larger dilation.
std::unique_ptr<Op> make_dilated_pool2d(const NodeDescription& node, const Shape& in);

}  // namespace convforge
