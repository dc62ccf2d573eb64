// The ops fold and unfold: make the steps of a sample samples of their own, and back. Both are views.
#include "ops/op.h"
#include "runtime/error.h"

namespace convforge {
namespace {

class ViewOp : public Op {
 public:
  using Op::Op;
  bool is_view(bool) const override { return true; }
  void plan_forward(Plan&, OpBuffers&, bool) const override {}
  void plan_backward(Plan&, const OpBuffers&) const override {}
};

class FoldOp : public ViewOp {
 public:
  FoldOp(const NodeDescription& node, const Shape& in) : ViewOp(node, in, Shape(in.begin() + 1, in.end())) {}
  int64_t batch_multiplier(int64_t before) const override { return before * in[0]; }
};

class UnfoldOp : public ViewOp {
 public:
  UnfoldOp(const NodeDescription& node, const Shape& in, Shape out) : ViewOp(node, in, std::move(out)) {}

  int64_t batch_multiplier(int64_t before) const override {
    if (before % out[0] == 0) return before / out[0];
    throw Error("INVALID_ARGUMENT",
                name + ": its input has " + std::to_string(before) + " steps of a sample, which is not a multiple of " +
                    std::to_string(out[0]),
                name);
  }
};

}  // namespace

std::unique_ptr<Op> make_fold(const NodeDescription& node, const Shape& in) {
  node.expect_parameters({}, 0);
  if (in.size() < 2)
    throw Error("SHAPE_MISMATCH",
                node.name + ": its input " + to_string(in) + " has no steps; it must have two axes or more", node.name);
  return std::make_unique<FoldOp>(node, in);
}

std::unique_ptr<Op> make_unfold(const NodeDescription& node, const Shape& in) {
  node.expect_parameters({}, 0);
  Shape out = in;
  out.insert(out.begin(), node.integer("steps", 1));
  return std::make_unique<UnfoldOp>(node, in, std::move(out));
}

}  // namespace convforge
