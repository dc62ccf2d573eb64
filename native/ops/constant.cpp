#include <algorithm>

#include "ops/activation.h"
#include "ops/op.h"
#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

// Gives its parameter for each sample, whatever its input holds.
class ConstantOp : public Op {
 public:
  ConstantOp(const NodeDescription& node, const Shape& in) : Op(node, in, {}), parameters_(node.parameters) {
    node.expect_parameters({"value"}, 0);
    out = parameters_[0].shape;
    if (out.empty()) throw Error("SHAPE_MISMATCH", node.name + ": a value needs one axis or more", node.name);
    checked_size(out, "value", node.name);
  }

  std::vector<ParameterDescription> parameters() const override { return parameters_; }
  void bind_parameters(const std::vector<Parameter>& parameters) override { value_ = parameters[0]; }

  void plan_forward(Plan& plan, OpBuffers& buffers, bool) const override {
    plan.pass({.node = name, .kind = "forward", .algorithm = "copy", .bytes = 1.0 * sizeof(float) * size_of(out)});
    plan.stage(
        {buffers.out}, [](const Step& s) { return static_cast<size_t>(s.n); },
        [this, y = buffers.out](const Step& s, size_t sample, float*) {
          value_.unpack(s.weights + value_.offset, s.at(y) + sample * floats_of(out));
        });
  }

  void plan_backward(Plan& plan, const OpBuffers& buffers) const override {
    if (buffers.d_in != kNoBuffer) plan_zero_gradient(plan, buffers.d_in);
    if (buffers.trains) plan_value_gradient(plan, buffers.d_out);
  }

 private:
  void plan_zero_gradient(Plan& plan, BufferId d_in) const {
    plan.pass({.node = name, .kind = "input gradient", .algorithm = "zero"});
    plan.stage(
        {d_in}, [](const Step& s) { return static_cast<size_t>(s.n); },
        [this, d_in](const Step& s, size_t sample, float*) {
          std::fill_n(s.at(d_in) + sample * floats_of(in), floats_of(in), 0.0f);
        });
  }

  // The sum over the samples, in their order.
  void plan_value_gradient(Plan& plan, BufferId d_out) const {
    plan.pass({.node = name, .kind = "gradient", .algorithm = "sum", .bytes = 1.0 * sizeof(float) * size_of(out)});
    const size_t size = floats_of(out);
    const BufferId sums = plan.workspace(0, size);
    plan.stage(
        {d_out, sums}, [size](const Step&) { return ceil_div(size, kElementsPerTask); },
        [size, d_out, sums](const Step& s, size_t task, float*) {
          const size_t begin = task * kElementsPerTask;
          const int count = static_cast<int>(std::min(kElementsPerTask, size - begin));
          kernels().sum_rows(s.at(d_out) + begin, static_cast<size_t>(s.n), static_cast<ptrdiff_t>(size),
                             s.at(sums) + begin, count, false);
        });
    plan.stage(
        {sums}, [](const Step&) { return size_t{1}; },
        [this, sums](const Step& s, size_t, float*) { value_.pack(s.at(sums), s.gradients + value_.gradient); });
  }

  std::vector<ParameterDescription> parameters_;
  Parameter value_;
};

}  // namespace

std::unique_ptr<Op> make_constant(const NodeDescription& node, const Shape& in) {
  return std::make_unique<ConstantOp>(node, in);
}

}  // namespace convforge
