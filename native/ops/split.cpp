#include <string>

#include "ops/op.h"
#include "ops/parts.h"
#include "runtime/error.h"

namespace convforge {
namespace {

class SplitOp : public Op {
 public:
  SplitOp(const NodeDescription& node, const Shape& in) : Op(node, in, in) {
    node.expect_parameters({}, 0);
    const size_t axis = static_cast<size_t>(node.integer("axis", 0));
    if (axis >= in.size()) {
      throw Error("INVALID_ARGUMENT", node.name + ": there is no axis " + std::to_string(axis) + " in " + to_string(in),
                  node.name);
    }
    const std::vector<int> given = node.integers("sizes", 1);
    const std::vector<int64_t> sizes(given.begin(), given.end());
    int64_t sum = 0;
    for (const int64_t size : sizes) {
      sum += size;
      outputs_.push_back(in);
      outputs_.back()[axis] = size;
    }
    if (sum != in[axis]) {
      throw Error("SHAPE_MISMATCH",
                  node.name + ": parts of " + to_string(sizes) + " don't add up to axis " + std::to_string(axis) +
                      " of " + to_string(in),
                  node.name);
    }
    out = outputs_[0];
    parts_ = Parts(in, axis, sizes);
  }

  size_t output_count() const override { return outputs_.size(); }
  const Shape& output(size_t index) const override { return outputs_[index]; }

  void plan_forward(Plan& plan, OpBuffers& buffers, bool) const override {
    begin_pass(plan, "forward");
    parts_.plan_cut(plan, buffers.in, buffers.outs);
  }

  void plan_backward(Plan& plan, const OpBuffers& buffers) const override {
    begin_pass(plan, "backward");
    parts_.plan_join(plan, buffers.d_outs, buffers.d_in);
  }

 private:
  void begin_pass(Plan& plan, const char* kind) const {
    plan.pass({.node = name, .kind = kind, .algorithm = "by sample", .bytes = 2.0 * sizeof(float) * size_of(in)});
  }

  std::vector<Shape> outputs_;
  Parts parts_;
};

}  // namespace

std::unique_ptr<Op> make_split(const NodeDescription& node, const Shape& in) {
  return std::make_unique<SplitOp>(node, in);
}

}  // namespace convforge
