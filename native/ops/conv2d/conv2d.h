#pragma once

#include <vector>

#include "ops/conv2d/conv.h"
#include "ops/conv2d/row_chain.h"
#include "ops/op.h"

namespace convforge {

// A convolution. Each pass is planned by the first of its algorithms (forward.h, gradient.h) that doesn't decline.
class Conv2dOp : public Op {
 public:
  Conv2dOp(const NodeDescription& node, const Shape& in);

  const Conv& conv() const { return conv_; }
  Fusion fusion() const override { return {.convolution = &conv_}; }
  std::vector<ParameterDescription> parameters() const override { return parameters_; }
  void bind_parameters(const std::vector<Parameter>& parameters) override;
  bool absorb(const Op& next) override;
  bool absorb_in_inference(const Op& next) override;
  void plan_forward(Plan& plan, OpBuffers& buffers, bool training) const override;
  void plan_backward(Plan& plan, const OpBuffers& buffers) const override;

 private:
  std::vector<ParameterDescription> parameters_;
  Conv conv_;
  ConvParts inference_;  // itself and convolutions behind it, with what they absorbed in inference; empty if nothing
};

}  // namespace convforge
