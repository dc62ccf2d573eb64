#pragma once

#include "ops/op.h"

namespace convforge {

// An elementwise activation.
class ActivationOp : public Op {
 public:
  ActivationOp(const NodeDescription& node, const Shape& in);

  Activation activation() const { return activation_; }
  // Whether the gradient follows from the output, so that the op before may do the activation in the same pass. All of
  // these rise monotonically, so that max-pooling may go before them.
  bool follows_value() const { return activation_.kind <= Activation::Kind::kSoftplus; }

  void plan_forward(Plan& plan, OpBuffers& buffers, bool training) const override;
  void plan_backward(Plan& plan, const OpBuffers& buffers) const override;

 private:
  Activation activation_;
};

// What the pass of a product does besides, for Pass::fused: "bias, relu".
std::string fused_work(bool bias, const Activation& activation);

// Samples go through row-wise or elementwise passes a few at a time: about this many floats a task.
inline constexpr size_t kElementsPerTask = 16384;

}  // namespace convforge
