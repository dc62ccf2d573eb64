#pragma once

#include "ops/elementwise_op.h"

namespace convforge {

// An elementwise activation.
class ActivationOp : public ElementwiseOp {
 public:
  ActivationOp(const NodeDescription& node, const Shape& in);

  Fusion fusion() const override;
  LogitsOf logits_of() const override;

 protected:
  void forward(const float* x, float* y, size_t count) const override;
  void backward(const float* value, const float* dy, float* dx, size_t count) const override;
  // All activations whose gradient follows from the output are monotonically increasing.
  bool follows_value() const override { return activation_.kind <= Activation::Kind::kSoftplus; }

 private:
  Activation activation_;
};

// The epilogue of a product, for Pass::fused: "bias, relu".
std::string fused_work(bool bias, const Activation& activation);

// The approximate number of floats in a task of a row-wise or elementwise pass.
inline constexpr size_t kElementsPerTask = 16384;

}  // namespace convforge
