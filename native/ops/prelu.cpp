#include <algorithm>
#include <vector>

#include "ops/op.h"
#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

// Works on rows of the last axis. A row has an alpha for each element, or one for all.
class PreluOp : public Op {
 public:
  PreluOp(const NodeDescription& node, const Shape& in) : Op(node, in, in) {
    node.expect_parameters({"alpha"}, 0);
    if (in.empty()) throw Error("SHAPE_MISMATCH", node.name + ": prelu needs an input with an axis", node.name);
    const std::vector<int> alpha = node.integers("alphaShape", in.size(), 1);
    int64_t elements = 1;
    for (size_t axis = 0; axis < in.size(); ++axis) {
      if (alpha[axis] != 1 && alpha[axis] != in[axis]) {
        throw Error("SHAPE_MISMATCH",
                    node.name + ": along axis " + std::to_string(axis) + " alpha has size " +
                        std::to_string(alpha[axis]) + "; it must be 1 or " + std::to_string(in[axis]),
                    node.name);
      }
      elements *= alpha[axis];
    }
    if (node.parameters[0].shape != Shape{elements}) {
      throw Error("SHAPE_MISMATCH",
                  node.name + ": alpha has the shape " + to_string(node.parameters[0].shape) + ", not [" +
                      std::to_string(elements) + "]",
                  node.name);
    }
    parameters_ = node.parameters;
    alphas_ = static_cast<size_t>(elements);
    columns_ = static_cast<size_t>(in.back());
    alpha_per_column_ = alpha.back() == in.back();
    list_rows(alpha);
  }

  std::vector<ParameterDescription> parameters() const override { return parameters_; }
  void bind_parameters(const std::vector<Parameter>& parameters) override {
    offset_ = parameters[0].offset;
    gradient_ = parameters[0].gradient;
  }

  void plan_forward(Plan& plan, OpBuffers& buffers, bool) const override {
    begin_pass(plan, "forward", 2);
    plan.stage(
        {buffers.in, buffers.out}, [](const Step& s) { return static_cast<size_t>(s.n); },
        [this, b = buffers](const Step& s, size_t sample, float*) {
          const float* x = s.at(b.in) + sample * size();
          float* y = s.at(b.out) + sample * size();
          for (const uint32_t row : alpha_rows_) {
            const float* alpha = s.weights + offset_ + row;
            kernels().prelu(x, alpha, alpha_per_column_, y, columns_);
            x += columns_;
            y += columns_;
          }
        });
  }

  void plan_backward(Plan& plan, const OpBuffers& buffers) const override {
    if (buffers.d_in == kNoBuffer && !buffers.trains) return;
    begin_pass(plan, "backward", 3);
    // Each sample's gradients by alpha, which a second stage adds in the order of samples.
    const BufferId sums = buffers.trains ? plan.workspace(alphas_) : kNoBuffer;
    plan.stage(
        {buffers.in, buffers.d_out, buffers.d_in, sums}, [](const Step& s) { return static_cast<size_t>(s.n); },
        [this, sums, b = buffers](const Step& s, size_t sample, float*) { backward(s, b, sums, sample); });
    if (!buffers.trains) return;
    plan.stage(
        {sums}, [this](const Step&) { return ceil_div(alphas_, kAlphasPerTask); },
        [this, sums](const Step& s, size_t task, float*) {
          const size_t begin = task * kAlphasPerTask;
          const size_t count = std::min(kAlphasPerTask, alphas_ - begin);
          kernels().sum_rows(s.at(sums) + begin, static_cast<size_t>(s.n), static_cast<ptrdiff_t>(alphas_),
                             s.gradients + gradient_ + begin, static_cast<int>(count), false);
        });
  }

 private:
  static constexpr size_t kAlphasPerTask = 1024;

  // Fills alpha_rows_: the offset of each row's alphas.
  void list_rows(const std::vector<int>& alpha) {
    for (size_t row = 0; row < size() / columns_; ++row) {
      size_t left = row;
      size_t stride = static_cast<size_t>(alpha.back());
      size_t offset = 0;
      for (size_t axis = in.size() - 1; axis-- > 0;) {
        const size_t length = static_cast<size_t>(in[axis]);
        if (alpha[axis] > 1) offset += left % length * stride;
        left /= length;
        stride *= static_cast<size_t>(alpha[axis]);
      }
      alpha_rows_.push_back(static_cast<uint32_t>(offset));
    }
  }

  void backward(const Step& s, const OpBuffers& b, BufferId sums, size_t sample) const {
    const float* x = s.at(b.in) + sample * size();
    const float* dy = s.at(b.d_out) + sample * size();
    float* dx = b.d_in == kNoBuffer ? nullptr : s.at(b.d_in) + sample * size();
    float* d_alpha = sums == kNoBuffer ? nullptr : s.at(sums) + sample * alphas_;
    if (d_alpha) std::fill(d_alpha, d_alpha + alphas_, 0.0f);
    for (const uint32_t row : alpha_rows_) {
      const float* alpha = s.weights + offset_ + row;
      kernels().prelu_backward(x, dy, alpha, alpha_per_column_, dx, d_alpha ? d_alpha + row : nullptr, columns_);
      x += columns_;
      dy += columns_;
      if (dx) dx += columns_;
    }
  }

  // `values`: floats read and written per element.
  void begin_pass(Plan& plan, const char* kind, int values) const {
    const double bytes = static_cast<double>(values) * static_cast<double>(size() * sizeof(float));
    plan.pass({.node = name, .kind = kind, .algorithm = "row by row", .bytes = bytes});
  }

  size_t size() const { return static_cast<size_t>(size_of(out)); }

  std::vector<ParameterDescription> parameters_;
  size_t offset_ = 0;
  size_t gradient_ = 0;
  size_t alphas_ = 1;
  size_t columns_ = 1;
  bool alpha_per_column_ = true;
  std::vector<uint32_t> alpha_rows_;
};

}  // namespace

std::unique_ptr<Op> make_prelu(const NodeDescription& node, const Shape& in) {
  return std::make_unique<PreluOp>(node, in);
}

}  // namespace convforge
