#pragma once

#include "ops/op.h"

namespace convforge {

// An activation of kind softmax or logSoftmax.
class SoftmaxOp : public Op {
 public:
  SoftmaxOp(const NodeDescription& node, const Shape& in);

  // Softmax only if it runs over the last axis, as a cross-entropy's does.
  LogitsOf logits_of() const override;
  void plan_forward(Plan& plan, OpBuffers& buffers, bool training) const override;
  void plan_backward(Plan& plan, const OpBuffers& buffers) const override;

 private:
  // Rows that the softmax runs over, n values each: those of the last axis as they lie, of another one transposed.
  struct Rows {
    const float* x = nullptr;
    const float* dy = nullptr;
    float* y = nullptr;
    int count = 0;
  };
  void begin_pass(Plan& plan, const char* kind, int values) const;
  void run_rows(const Rows& rows) const;
  void run_columns(const Rows& rows, float* scratch) const;
  void plan_pass(Plan& plan, BufferId from, BufferId gradient, BufferId to) const;

  bool logarithm_ = false;
  int n_ = 1;      // sizes along the axis
  int inner_ = 1;  // and of the axes after it
};

}  // namespace convforge
