#include "ops/op.h"
#include "runtime/error.h"

namespace convforge {
namespace {

class ReshapeOp : public Op {
 public:
  ReshapeOp(const NodeDescription& node, const Shape& in) : Op(node, in, node.sizes("shape")) {
    node.expect_parameters({}, 0);
    if (checked_size(out, "shape", node.name) != checked_size(in, "shape", node.name)) {
      throw Error(
          "SHAPE_MISMATCH",
          node.name + ": " + to_string(in) + " can't be reshaped to " + to_string(out) + ", which has another size",
          node.name);
    }
  }

  bool is_view(bool) const override { return true; }
  void plan_forward(Plan&, OpBuffers&, bool) const override {}
  void plan_backward(Plan&, const OpBuffers&) const override {}
};

}  // namespace

std::unique_ptr<Op> make_reshape(const NodeDescription& node, const Shape& in) {
  return std::make_unique<ReshapeOp>(node, in);
}

}  // namespace convforge
