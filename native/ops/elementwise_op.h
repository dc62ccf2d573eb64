#pragma once

#include "ops/op.h"

namespace convforge {

// An op of one input whose output elements each follow from one element of the input.
class ElementwiseOp : public Op {
 public:
  ElementwiseOp(const NodeDescription& node, const Shape& in) : Op(node, in, in) {}

  void plan_forward(Plan& plan, OpBuffers& buffers, bool training) const override;
  void plan_backward(Plan& plan, const OpBuffers& buffers) const override;

 protected:
  virtual void forward(const float* x, float* y, size_t count) const = 0;
  // Gets the output instead of x if the gradient follows from that.
  virtual void backward(const float* x, const float* dy, float* dx, size_t count) const = 0;
  virtual bool follows_value() const { return false; }
};

}  // namespace convforge
