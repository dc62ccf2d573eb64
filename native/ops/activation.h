#pragma once

#include "ops/op.h"

namespace convforge {

// An elementwise activation.
class ActivationOp : public Op {
 public:
  ActivationOp(const NodeDescription& node, const Shape& in);

  Fusion fusion() const override;
  LogitsOf logits_of() const override;
  void plan_forward(Plan& plan, OpBuffers& buffers, bool training) const override;
  void plan_backward(Plan& plan, const OpBuffers& buffers) const override;

 private:
  // Whether the gradient follows from the output. All such activations rise monotonically.
  bool follows_value() const { return activation_.kind <= Activation::Kind::kSoftplus; }

  Activation activation_;
};

// What the pass of a product does besides, for Pass::fused: "bias, relu".
std::string fused_work(bool bias, const Activation& activation);

// Samples go through row-wise or elementwise passes a few at a time: about this many floats a task.
inline constexpr size_t kElementsPerTask = 16384;

}  // namespace convforge
