#pragma once

#include "ops/op.h"
#include "ops/window.h"

namespace convforge {

class Pool2dOp : public Op {
 public:
  enum class Kind { kMax, kAverage, kSum };

  Pool2dOp(const NodeDescription& node, const Shape& in);

  Kind kind() const { return kind_; }
  const Window& window() const { return window_; }
  // Windows side by side: every input cell is in at most one, and the windows' cells make whole rows.
  bool tiles() const {
    return !window_.padded() && window_.stride_h == window_.rows && window_.stride_w == window_.columns;
  }

  void plan_forward(Plan& plan, OpBuffers& buffers, bool training) const override;
  void plan_backward(Plan& plan, const OpBuffers& buffers) const override;

 private:
  void begin_pass(Plan& plan, const char* kind, bool places) const;
  void forward(const Step& s, const OpBuffers& b, size_t task, bool training, float* scratch) const;
  void backward(const Step& s, const OpBuffers& b, size_t task, float* scratch) const;
  // The input rows [begin, end) of the windows of output row `row`.
  void row_range(int row, int* begin, int* end) const;
  void fill_factors(int rows, float* factors) const;

  Kind kind_ = Kind::kMax;
  Window window_;
  std::vector<int32_t> column_begin_;
  std::vector<int32_t> column_end_;
};

}  // namespace convforge
