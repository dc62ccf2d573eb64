#pragma once

#include "ops/op.h"

namespace convforge {

// A memory-bound op of one input: plain loops over one sample. A task is a sample, or one of its parts in the forward
// pass.
class SampleOp : public Op {
 public:
  SampleOp(const NodeDescription& node, const Shape& in, Shape out);

  void plan_forward(Plan& plan, OpBuffers& buffers, bool training) const override;
  void plan_backward(Plan& plan, const OpBuffers& buffers) const override;

 protected:
  // The parts of a sample that forward() can compute by themselves.
  virtual size_t parts() const { return 1; }
  // Computes part `part` of the output. x and y are the whole sample.
  virtual void forward(const float* x, float* y, size_t part) const = 0;
  // Must fill dx completely. x is null unless needs_input().
  virtual void backward(const float* x, const float* dy, float* dx) const = 0;
  virtual bool needs_input() const { return false; }

 private:
  void begin_pass(Plan& plan, const char* kind) const;
};

}  // namespace convforge
