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
  // Whether the gradient can be computed from the output. All such activations are monotonically increasing.
  bool follows_value() const { return activation_.kind <= Activation::Kind::kSoftplus; }

  Activation activation_;
};

// The epilogue of a product, for Pass::fused: "bias, relu".
std::string fused_work(bool bias, const Activation& activation);

// The approximate number of floats in a task of a row-wise or elementwise pass.
inline constexpr size_t kElementsPerTask = 16384;

}  // namespace convforge
