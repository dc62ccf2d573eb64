#pragma once

#include "ops/op.h"

namespace convforge {

// x * scale + offset. At the start of a program the executor does it while it reads the batch.
class RescalingOp : public Op {
 public:
  RescalingOp(const NodeDescription& node, const Shape& in);

  Fusion fusion() const override { return {.rescaling = Affine{scale_, offset_}}; }
  void plan_forward(Plan& plan, OpBuffers& buffers, bool training) const override;
  void plan_backward(Plan& plan, const OpBuffers& buffers) const override;

 private:
  float scale_;
  float offset_;
};

}  // namespace convforge
