#pragma once

#include "ops/op.h"

namespace convforge {

class ActivationOp : public Op {
 public:
  // kind is null for softmax, which isn't elementwise.
  ActivationOp(const NodeDescription& node, const Shape& in);

  bool is_softmax() const { return softmax_; }
  // Elementwise only. All of them rise monotonically, so that max-pooling may go before them.
  Activation kind() const { return kind_; }

  void plan_forward(Plan& plan, OpBuffers& buffers, bool training) const override;
  void plan_backward(Plan& plan, const OpBuffers& buffers) const override;

 private:
  void begin_pass(Plan& plan, const char* kind, int values) const;

  bool softmax_ = false;
  Activation kind_ = Activation::kLinear;
};

// What the pass of a product does besides, for Pass::fused: "bias, relu".
std::string fused_work(bool bias, Activation activation);

// Samples go through row-wise or elementwise passes a few at a time: about this many floats a task.
inline constexpr size_t kElementsPerTask = 16384;

}  // namespace convforge
