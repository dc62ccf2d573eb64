#include <algorithm>
#include <string>

#include "ops/activation.h"
#include "runtime/error.h"

namespace convforge {
namespace {

enum class MergeKind { kSubtract, kMultiply, kAverage, kMaximum, kMinimum };

// Equality with NaN equal to NaN, so that a maximum of NaN belongs to the first input that is NaN.
bool same(float a, float b) { return a == b || (a != a && b != b); }

MergeKind read_kind(const NodeDescription& node) {
  const std::string kind = node.text("kind");
  if (kind == "subtract") return MergeKind::kSubtract;
  if (kind == "multiply") return MergeKind::kMultiply;
  if (kind == "average") return MergeKind::kAverage;
  if (kind == "maximum") return MergeKind::kMaximum;
  if (kind == "minimum") return MergeKind::kMinimum;
  throw Error("UNSUPPORTED", node.name + ": there is no merge '" + kind + "'", node.name);
}

// An elementwise function of inputs with the same shape.
class MergeOp : public Op {
 public:
  MergeOp(const NodeDescription& node, const std::vector<Shape>& inputs)
      : Op(node, inputs[0], inputs[0]),
        kind_(read_kind(node)),
        inverse_count_(static_cast<float>(1.0 / inputs.size())) {
    node.expect_parameters({}, 0);
    if (kind_ == MergeKind::kSubtract && inputs.size() != 2) {
      throw Error("INVALID_ARGUMENT", node.name + ": subtract takes two inputs, not " + std::to_string(inputs.size()),
                  node.name);
    }
    for (const Shape& shape : inputs) {
      if (shape == in) continue;
      throw Error("SHAPE_MISMATCH",
                  node.name + ": merge takes inputs of equal shapes, not " + to_string(in) + " and " + to_string(shape),
                  node.name);
    }
  }

  void plan_forward(Plan& plan, OpBuffers& buffers, bool) const override {
    std::vector<BufferId> uses = buffers.inputs;
    uses.push_back(buffers.out);
    plan_pass(plan, "forward", uses, [this, b = buffers](const Step& s, size_t first, size_t count) {
      float* y = s.at(b.out) + first;
      std::copy_n(s.at(b.in) + first, count, y);
      for (size_t input = 1; input < b.inputs.size(); ++input) merge(s.at(b.inputs[input]) + first, y, count);
      if (kind_ == MergeKind::kAverage)
        for (size_t i = 0; i < count; ++i) y[i] *= inverse_count_;
    });
  }

  void plan_backward(Plan& plan, const OpBuffers& buffers) const override {
    const bool needs_values = kind_ != MergeKind::kSubtract && kind_ != MergeKind::kAverage;
    std::vector<BufferId> uses = buffers.d_inputs;
    uses.push_back(buffers.d_out);
    if (needs_values) uses.insert(uses.end(), buffers.inputs.begin(), buffers.inputs.end());
    if (kind_ == MergeKind::kMaximum || kind_ == MergeKind::kMinimum) uses.push_back(buffers.out);
    plan_pass(plan, "backward", uses, [this, b = buffers](const Step& s, size_t first, size_t count) {
      for (size_t input = 0; input < b.d_inputs.size(); ++input) {
        if (b.d_inputs[input] != kNoBuffer) gradient(s, b, input, first, count);
      }
    });
  }

 private:
  template <typename Run>
  void plan_pass(Plan& plan, const char* kind, const std::vector<BufferId>& uses, Run run) const {
    const size_t size = static_cast<size_t>(size_of(out));
    const double bytes = static_cast<double>(uses.size() * size * sizeof(float));
    plan.pass({.node = name, .kind = kind, .algorithm = "elementwise", .bytes = bytes});
    plan.stage(
        uses, [size](const Step& s) { return ceil_div(static_cast<size_t>(s.n) * size, kElementsPerTask); },
        [size, run](const Step& s, size_t task, float*) {
          const size_t first = task * kElementsPerTask;
          run(s, first, std::min(kElementsPerTask, static_cast<size_t>(s.n) * size - first));
        });
  }

  void merge(const float* x, float* y, size_t count) const {
    switch (kind_) {
      case MergeKind::kSubtract:
        for (size_t i = 0; i < count; ++i) y[i] -= x[i];
        break;
      case MergeKind::kMultiply:
        for (size_t i = 0; i < count; ++i) y[i] *= x[i];
        break;
      case MergeKind::kAverage:
        for (size_t i = 0; i < count; ++i) y[i] += x[i];
        break;
      case MergeKind::kMaximum:
        for (size_t i = 0; i < count; ++i) y[i] = x[i] > y[i] || x[i] != x[i] ? x[i] : y[i];
        break;
      case MergeKind::kMinimum:
        for (size_t i = 0; i < count; ++i) y[i] = x[i] < y[i] || x[i] != x[i] ? x[i] : y[i];
        break;
    }
  }

  void gradient(const Step& s, const OpBuffers& b, size_t input, size_t first, size_t count) const {
    const float* dy = s.at(b.d_out) + first;
    float* dx = s.at(b.d_inputs[input]) + first;
    if (kind_ == MergeKind::kSubtract || kind_ == MergeKind::kAverage) {
      const float factor = kind_ == MergeKind::kAverage ? inverse_count_ : input == 0 ? 1.0f : -1.0f;
      for (size_t i = 0; i < count; ++i) dx[i] = factor * dy[i];
    } else if (kind_ == MergeKind::kMultiply) {
      std::copy_n(dy, count, dx);
      for (size_t other = 0; other < b.inputs.size(); ++other) {
        const float* x = s.at(b.inputs[other]) + first;
        for (size_t i = 0; other != input && i < count; ++i) dx[i] *= x[i];
      }
    } else {
      extremum_gradient(s, b, input, first, count, dx);
    }
  }

  // The gradient of a maximum or minimum goes to the first input that equals the output.
  void extremum_gradient(const Step& s, const OpBuffers& b, size_t input, size_t first, size_t count, float* dx) const {
    const float* y = s.at(b.out) + first;
    const float* dy = s.at(b.d_out) + first;
    const float* x = s.at(b.inputs[input]) + first;
    for (size_t i = 0; i < count; ++i) dx[i] = same(x[i], y[i]) ? dy[i] : 0.0f;
    for (size_t before = 0; before < input; ++before) {
      const float* earlier = s.at(b.inputs[before]) + first;
      for (size_t i = 0; i < count; ++i) dx[i] = same(earlier[i], y[i]) ? 0.0f : dx[i];
    }
  }

  MergeKind kind_;
  float inverse_count_;
};

}  // namespace

std::unique_ptr<Op> make_merge(const NodeDescription& node, const std::vector<Shape>& inputs) {
  return std::make_unique<MergeOp>(node, inputs);
}

}  // namespace convforge
