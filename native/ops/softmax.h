#pragma once

#include "ops/op.h"

namespace convforge {

// An activation of kind softmax or logSoftmax.
class SoftmaxOp : public Op {
 public:
  SoftmaxOp(const NodeDescription& node, const Shape& in);

  // Softmax over the last axis alone, as in a cross-entropy.
  LogitsOf logits_of() const override;
  void plan_forward(Plan& plan, OpBuffers& buffers, bool training) const override;
  void plan_backward(Plan& plan, const OpBuffers& buffers) const override;

 private:
  // The rows of n values that the softmax runs over. They are contiguous for the last axis, and transposed for others.
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
  int n_ = 1;      // size of the softmax axis
  int inner_ = 1;  // size of the axes after it
};

}  // namespace convforge
