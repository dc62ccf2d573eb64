#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "ops/op.h"
#include "runtime/error.h"

namespace convforge {
namespace {

class EmbeddingOp : public Op {
 public:
  EmbeddingOp(const NodeDescription& node, const Shape& in) : Op(node, in, in), parameters_(node.parameters) {
    node.expect_parameters({"embeddings"}, 0);
    const Shape& table = parameters_[0].shape;
    if (table.size() != 2) {
      throw Error("SHAPE_MISMATCH", node.name + ": embeddings are [inputs, outputs], not " + to_string(table),
                  node.name);
    }
    checked_size(table, "embeddings", node.name);
    rows_ = static_cast<size_t>(table[0]);
    columns_ = static_cast<size_t>(table[1]);
    out.push_back(table[1]);
    checked_size(out, "output", node.name);
  }

  std::vector<ParameterDescription> parameters() const override { return parameters_; }
  void bind_parameters(const std::vector<Parameter>& parameters) override {
    offset_ = parameters[0].offset;
    gradient_ = parameters[0].gradient;
  }

  void plan_forward(Plan& plan, OpBuffers& buffers, bool) const override {
    plan.pass({.node = name, .kind = "forward", .algorithm = "gather", .bytes = 2.0 * sizeof(float) * size_of(out)});
    const size_t count = static_cast<size_t>(size_of(in));
    plan.stage(
        {buffers.in, buffers.out}, [](const Step& s) { return static_cast<size_t>(s.n); },
        [this, count, x = buffers.in, y = buffers.out](const Step& s, size_t task, float*) {
          const float* index = s.at(x) + task * count;
          float* to = s.at(y) + task * count * columns_;
          for (size_t i = 0; i < count; ++i, to += columns_) gather(s.weights + offset_, index[i], to);
        });
  }

  // Each task owns a panel of columns and goes through the batch in order.
  void plan_backward(Plan& plan, const OpBuffers& buffers) const override {
    if (buffers.d_in != kNoBuffer) plan_zero_gradient(plan, buffers.d_in);
    if (!buffers.trains) return;
    plan.pass(
        {.node = name, .kind = "kernel gradient", .algorithm = "scatter", .bytes = 2.0 * sizeof(float) * size_of(out)});
    plan.stage(
        {buffers.in, buffers.d_out}, [this](const Step&) { return ceil_div(columns_, static_cast<size_t>(kPanel)); },
        [this, x = buffers.in, dy = buffers.d_out](const Step& s, size_t panel, float*) {
          float* gradient = s.gradients + gradient_ + panel * rows_ * kPanel;
          std::fill(gradient, gradient + rows_ * kPanel, 0.0f);
          const size_t begin = panel * kPanel;
          const size_t width = std::min<size_t>(kPanel, columns_ - begin);
          const size_t count = static_cast<size_t>(s.n) * static_cast<size_t>(size_of(in));
          for (size_t i = 0; i < count; ++i) {
            if (!valid(s.at(x)[i])) continue;
            float* row = gradient + static_cast<size_t>(s.at(x)[i]) * kPanel;
            const float* from = s.at(dy) + i * columns_ + begin;
            for (size_t c = 0; c < width; ++c) row[c] += from[c];
          }
        });
  }

 private:
  bool valid(float index) const {
    return index >= 0 && index < static_cast<float>(rows_) && index == std::floor(index);
  }

  void gather(const float* table, float index, float* to) const {
    if (!valid(index)) {
      std::fill(to, to + columns_, std::numeric_limits<float>::quiet_NaN());
      return;
    }
    const float* row = table + static_cast<size_t>(index) * kPanel;
    for (size_t begin = 0; begin < columns_; begin += kPanel, row += rows_ * kPanel)
      std::copy_n(row, std::min<size_t>(kPanel, columns_ - begin), to + begin);
  }

  void plan_zero_gradient(Plan& plan, BufferId d_in) const {
    plan.pass({.node = name, .kind = "input gradient", .algorithm = "zero"});
    const size_t count = static_cast<size_t>(size_of(in));
    plan.stage(
        {d_in}, [](const Step& s) { return static_cast<size_t>(s.n); },
        [count, d_in](const Step& s, size_t task, float*) { std::fill_n(s.at(d_in) + task * count, count, 0.0f); });
  }

  std::vector<ParameterDescription> parameters_;
  size_t rows_ = 0;
  size_t columns_ = 0;
  size_t offset_ = 0;
  size_t gradient_ = 0;
};

}  // namespace

std::unique_ptr<Op> make_embedding(const NodeDescription& node, const Shape& in) {
  return std::make_unique<EmbeddingOp>(node, in);
}

}  // namespace convforge
