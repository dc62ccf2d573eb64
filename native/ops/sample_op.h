#pragma once

#include "ops/op.h"

namespace convforge {

// A memory-bound op of one input: plain loops over one sample, and one task per sample.
class SampleOp : public Op {
 public:
  SampleOp(const NodeDescription& node, const Shape& in, Shape out);

  void plan_forward(Plan& plan, OpBuffers& buffers, bool training) const override;
  void plan_backward(Plan& plan, const OpBuffers& buffers) const override;

 protected:
  virtual void forward(const float* x, float* y) const = 0;
  // Must fill dx completely. x is null unless needs_input().
  virtual void backward(const float* x, const float* dy, float* dx) const = 0;
  virtual bool needs_input() const { return false; }

 private:
  void begin_pass(Plan& plan, const char* kind) const;
};

}  // namespace convforge
