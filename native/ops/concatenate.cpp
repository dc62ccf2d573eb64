#include <string>

#include "ops/op.h"
#include "ops/parts.h"
#include "runtime/error.h"

namespace convforge {
namespace {

class ConcatenateOp : public Op {
 public:
  ConcatenateOp(const NodeDescription& node, const std::vector<Shape>& inputs) : Op(node, inputs[0], inputs[0]) {
    node.expect_parameters({}, 0);
    const size_t axis = static_cast<size_t>(node.integer("axis", 0));
    if (axis >= in.size()) {
      throw Error("INVALID_ARGUMENT", node.name + ": there is no axis " + std::to_string(axis) + " in " + to_string(in),
                  node.name);
    }
    out[axis] = 0;
    for (const Shape& shape : inputs) {
      Shape same = shape;
      if (same.size() == in.size()) same[axis] = in[axis];
      if (same != in) {
        throw Error("SHAPE_MISMATCH",
                    node.name + ": inputs may differ only along axis " + std::to_string(axis) + ", unlike " +
                        to_string(in) + " and " + to_string(shape),
                    node.name);
      }
      out[axis] += shape[axis];
    }
    checked_size(out, "output", node.name);
    std::vector<int64_t> sizes;
    for (const Shape& shape : inputs) sizes.push_back(shape[axis]);
    parts_ = Parts(out, axis, sizes);
  }

  void plan_forward(Plan& plan, OpBuffers& buffers, bool) const override {
    begin_pass(plan, "forward");
    parts_.plan_join(plan, buffers.inputs, buffers.out);
  }

  void plan_backward(Plan& plan, const OpBuffers& buffers) const override {
    begin_pass(plan, "backward");
    parts_.plan_cut(plan, buffers.d_out, buffers.d_inputs);
  }

 private:
  void begin_pass(Plan& plan, const char* kind) const {
    plan.pass({.node = name, .kind = kind, .algorithm = "by sample", .bytes = 2.0 * sizeof(float) * size_of(out)});
  }

  Parts parts_;
};

}  // namespace

std::unique_ptr<Op> make_concatenate(const NodeDescription& node, const std::vector<Shape>& inputs) {
  return std::make_unique<ConcatenateOp>(node, inputs);
}

}  // namespace convforge
