#include <algorithm>
#include <string>

#include "ops/activation.h"
#include "ops/broadcasting.h"
#include "ops/op.h"
#include "runtime/error.h"

namespace convforge {
namespace {

// Takes elements of the second input where the first isn't 0, else of the third.
class SelectOp : public Op {
 public:
  SelectOp(const NodeDescription& node, const std::vector<Shape>& inputs)
      : Op(node, inputs[0], broadcast_shape(inputs, node.name)), inputs_(out, inputs) {
    node.expect_parameters({}, 0);
  }

  void plan_forward(Plan& plan, OpBuffers& buffers, bool) const override {
    const double bytes = 16.0 * static_cast<double>(floats_of(out));
    plan.pass({.node = name, .kind = "forward", .algorithm = "elementwise", .bytes = bytes});
    std::vector<BufferId> uses = buffers.inputs;
    uses.push_back(buffers.out);
    plan.stage(
        uses, [this](const Step& s) { return static_cast<size_t>(s.n) * inputs_.parts(); },
        [this, b = buffers](const Step& s, size_t task, float*) {
          const size_t sample = task / inputs_.parts();
          const float* x[3];
          for (size_t i = 0; i < 3; ++i) x[i] = s.at(b.inputs[i]) + sample * inputs_.size(i);
          float* y = s.at(b.out) + sample * floats_of(out);
          inputs_.visit_part(task % inputs_.parts(), [&](const BroadcastRows& r) { forward(r, x, y + r.out); });
        });
  }

  void plan_backward(Plan& plan, const OpBuffers& buffers) const override {
    const double bytes = 16.0 * static_cast<double>(floats_of(out));
    plan.pass({.node = name, .kind = "backward", .algorithm = "elementwise", .bytes = bytes});
    std::vector<BufferId> uses = buffers.d_inputs;
    uses.insert(uses.end(), {buffers.in, buffers.d_out});
    plan.stage(
        uses, [](const Step& s) { return static_cast<size_t>(s.n); },
        [this, b = buffers](const Step& s, size_t sample, float*) { backward(s, b, sample); });
  }

 private:
  // The index of an input's element for column i of a row.
  size_t place(const BroadcastRows& r, size_t input, size_t row, size_t i) const {
    return r.at[input] + row * inputs_.row(input) + (inputs_.each(input) ? i : 0);
  }

  void forward(const BroadcastRows& r, const float* const* x, float* y) const {
    for (size_t row = 0; row < r.rows; ++row, y += r.n) {
      for (size_t i = 0; i < r.n; ++i) {
        const size_t chosen = x[0][place(r, 0, row, i)] != 0.0f ? 1 : 2;
        y[i] = x[chosen][place(r, chosen, row, i)];
      }
    }
  }

  void backward(const Step& s, const OpBuffers& b, size_t sample) const {
    float* d[3];
    for (size_t i = 0; i < 3; ++i) {
      d[i] = b.d_inputs[i] == kNoBuffer ? nullptr : s.at(b.d_inputs[i]) + sample * inputs_.size(i);
      if (d[i]) std::fill_n(d[i], inputs_.size(i), 0.0f);
    }
    const float* condition = s.at(b.in) + sample * inputs_.size(0);
    const float* dy = s.at(b.d_out) + sample * floats_of(out);
    inputs_.visit_all(floats_of(out), [&](const BroadcastRows& r) {
      const float* row_dy = dy + r.out;
      for (size_t row = 0; row < r.rows; ++row, row_dy += r.n) {
        for (size_t i = 0; i < r.n; ++i) {
          const size_t chosen = condition[place(r, 0, row, i)] != 0.0f ? 1 : 2;
          if (d[chosen]) d[chosen][place(r, chosen, row, i)] += row_dy[i];
        }
      }
    });
  }

  Broadcasting inputs_;
};

}  // namespace

std::unique_ptr<Op> make_select(const NodeDescription& node, const std::vector<Shape>& inputs) {
  if (inputs.size() != 3) {
    throw Error("INVALID_ARGUMENT", node.name + ": select takes three inputs, not " + std::to_string(inputs.size()),
                node.name);
  }
  return std::make_unique<SelectOp>(node, inputs);
}

}  // namespace convforge
