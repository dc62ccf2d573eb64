#pragma once

#include <string>
#include <vector>

#include "ops/op.h"

namespace convforge {

// The sum, in their order, of two or more inputs with the same shape.
class AddOp : public Op {
 public:
  AddOp(const NodeDescription& node, const std::vector<Shape>& inputs);

  bool absorb(const Op& next) override;
  bool passes_gradient() const override { return activation_.kind == Activation::Kind::kLinear; }
  bool shares_gradient() const override { return true; }
  void plan_forward(Plan& plan, OpBuffers& buffers, bool training) const override;
  void plan_backward(Plan& plan, const OpBuffers& buffers) const override;

 private:
  Activation activation_;
};

// Adds a pass of one stage: result = activation(the sum, in their order, of two or more terms). Terms have `size`
// floats per sample. `node` and `kind`: see Pass.
void plan_sum(Plan& plan, const std::string& node, const char* kind, const std::vector<BufferId>& terms,
              BufferId result, size_t size, Activation activation = {});

}  // namespace convforge
