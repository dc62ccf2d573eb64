#include "ops/activation.h"

#include <algorithm>
#include <map>

#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {

ActivationOp::ActivationOp(const NodeDescription& node, const Shape& in) : Op(node, in, in) {
  node.expect_parameters({}, 0);
  static const std::map<std::string, Activation> kKinds = {
      {"relu", Activation::kRelu}, {"sigmoid", Activation::kSigmoid}, {"tanh", Activation::kTanh}};
  const std::string kind = node.text("kind");
  softmax_ = kind == "softmax";
  if (softmax_) {
    if (in.empty()) throw Error("SHAPE_MISMATCH", node.name + ": softmax needs an axis to run over", node.name);
    return;
  }
  const auto found = kKinds.find(kind);
  if (found == kKinds.end())
    throw Error("UNSUPPORTED", node.name + ": there is no activation '" + kind + "'", node.name);
  kind_ = found->second;
}

// `values`: how many are read and written for each element.
void ActivationOp::begin_pass(Plan& plan, const char* kind, int values) const {
  const double bytes = static_cast<double>(values) * size_of(out) * sizeof(float);
  plan.pass({.node = name, .kind = kind, .algorithm = softmax_ ? "row by row" : "elementwise", .bytes = bytes});
}

void ActivationOp::plan_forward(Plan& plan, OpBuffers& buffers, bool) const {
  begin_pass(plan, "forward", 2);
  const size_t size = static_cast<size_t>(size_of(out));
  const int classes = softmax_ ? static_cast<int>(out.back()) : 1;
  const size_t samples_per_task = std::max<size_t>(1, kElementsPerTask / size);
  plan.stage(
      {buffers.in, buffers.out}, [=](const Step& s) { return ceil_div(static_cast<size_t>(s.n), samples_per_task); },
      [=, this, in = buffers.in, result = buffers.out](const Step& s, size_t task, float*) {
        const size_t begin = task * samples_per_task * size;
        const size_t end = std::min(begin + samples_per_task * size, static_cast<size_t>(s.n) * size);
        if (softmax_) {
          const int rows = static_cast<int>((end - begin) / static_cast<size_t>(classes));
          kernels().softmax(s.at(in) + begin, s.at(result) + begin, rows, classes);
        } else {
          kernels().activate(kind_, s.at(in) + begin, s.at(result) + begin, end - begin);
        }
      });
}

void ActivationOp::plan_backward(Plan& plan, const OpBuffers& buffers) const {
  if (buffers.d_in == kNoBuffer) return;
  begin_pass(plan, "backward", 3);
  const size_t size = static_cast<size_t>(size_of(out));
  const int classes = softmax_ ? static_cast<int>(out.back()) : 1;
  const size_t samples_per_task = std::max<size_t>(1, kElementsPerTask / size);
  plan.stage(
      {buffers.out, buffers.d_out, buffers.d_in},
      [=](const Step& s) { return ceil_div(static_cast<size_t>(s.n), samples_per_task); },
      [=, this, b = buffers](const Step& s, size_t task, float*) {
        const size_t begin = task * samples_per_task * size;
        const size_t end = std::min(begin + samples_per_task * size, static_cast<size_t>(s.n) * size);
        const float* y = s.at(b.out) + begin;
        const float* dy = s.at(b.d_out) + begin;
        float* dx = s.at(b.d_in) + begin;
        if (softmax_) {
          const int rows = static_cast<int>((end - begin) / static_cast<size_t>(classes));
          kernels().softmax_backward(y, dy, dx, rows, classes);
        } else {
          kernels().activate_backward(kind_, y, dy, dx, end - begin);
        }
      });
}

std::string fused_work(bool bias, Activation activation) {
  static const char* const kNames[] = {"", "relu", "sigmoid", "tanh"};
  const std::string applied = kNames[static_cast<int>(activation)];
  if (!bias) return applied;
  return applied.empty() ? "bias" : "bias, " + applied;
}

std::unique_ptr<Op> make_activation(const NodeDescription& node, const Shape& in) {
  return std::make_unique<ActivationOp>(node, in);
}

}  // namespace convforge
