#include "ops/add.h"

#include <algorithm>

#include "ops/activation.h"
#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

// Block of floats that goes through all terms and the activation while it stays in the L1 cache.
constexpr size_t kBlockFloats = 2048;

}  // namespace

AddOp::AddOp(const NodeDescription& node, const std::vector<Shape>& inputs) : Op(node, inputs[0], inputs[0]) {
  node.expect_parameters({}, 0);
  for (const Shape& shape : inputs) {
    if (shape == in) continue;
    throw Error("SHAPE_MISMATCH",
                node.name + ": add takes inputs of equal shapes, not " + to_string(in) + " and " + to_string(shape),
                node.name);
  }
}

bool AddOp::absorb(const Op& next) {
  const std::optional<Activation> activation = next.fusion().activation;
  if (!activation || activation_.kind != Activation::Kind::kLinear) return false;
  activation_ = *activation;
  return true;
}

void AddOp::plan_forward(Plan& plan, OpBuffers& buffers, bool) const {
  plan_sum(plan, name, "forward", buffers.inputs, buffers.out, static_cast<size_t>(size_of(out)), activation_);
}

void AddOp::plan_backward(Plan& plan, const OpBuffers& buffers) const {
  if (passes_gradient()) return;
  const size_t size = static_cast<size_t>(size_of(out));
  const double bytes = static_cast<double>(3 * size * sizeof(float));
  plan.pass({.node = name, .kind = "backward", .algorithm = "elementwise", .bytes = bytes});
  plan.stage(
      {buffers.out, buffers.d_out, buffers.d_in},
      [size](const Step& s) { return ceil_div(static_cast<size_t>(s.n) * size, kElementsPerTask); },
      [size, activation = activation_, y = buffers.out, dy = buffers.d_out, dx = buffers.d_in](const Step& s,
                                                                                               size_t task, float*) {
        const size_t begin = task * kElementsPerTask;
        const size_t count = std::min(kElementsPerTask, static_cast<size_t>(s.n) * size - begin);
        kernels().activate_backward(activation, s.at(y) + begin, s.at(dy) + begin, s.at(dx) + begin, count);
      });
}

void plan_sum(Plan& plan, const std::string& node, const char* kind, const std::vector<BufferId>& terms,
              BufferId result, size_t size, Activation activation) {
  const double bytes = static_cast<double>((terms.size() + 1) * size * sizeof(float));
  plan.pass(
      {.node = node, .kind = kind, .algorithm = "elementwise", .fused = fused_work(false, activation), .bytes = bytes});
  std::vector<BufferId> uses = terms;
  uses.push_back(result);
  plan.stage(
      uses, [size](const Step& s) { return ceil_div(static_cast<size_t>(s.n) * size, kElementsPerTask); },
      [=](const Step& s, size_t task, float*) {
        const size_t end = std::min((task + 1) * kElementsPerTask, static_cast<size_t>(s.n) * size);
        for (size_t first = task * kElementsPerTask; first < end; first += kBlockFloats) {
          const size_t count = std::min(kBlockFloats, end - first);
          float* y = s.at(result) + first;
          kernels().add_pair(s.at(terms[0]) + first, s.at(terms[1]) + first, y, count);
          for (size_t term = 2; term < terms.size(); ++term) kernels().accumulate(s.at(terms[term]) + first, y, count);
          if (activation.kind != Activation::Kind::kLinear) kernels().activate(activation, y, y, count);
        }
      });
}

std::unique_ptr<Op> make_add(const NodeDescription& node, const std::vector<Shape>& inputs) {
  return std::make_unique<AddOp>(node, inputs);
}

}  // namespace convforge
