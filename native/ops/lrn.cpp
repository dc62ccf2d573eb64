#include <algorithm>
#include <cmath>

#include "ops/activation.h"
#include "ops/op.h"
#include "runtime/denormals.h"
#include "runtime/error.h"

namespace convforge {
namespace {

float read_finite(const NodeDescription& node, const char* key) {
  const float value = flushed(static_cast<float>(node.number(key)));
  if (std::isfinite(value)) return value;
  throw Error("INVALID_ARGUMENT", node.name + ": " + key + " takes finite numbers", node.name);
}

// Local response normalization. Sums over neighbouring channels are taken anew for each channel, so that no rounding
// error is carried along a row.
class LrnOp : public Op {
 public:
  LrnOp(const NodeDescription& node, const Shape& in) : Op(node, in, in) {
    node.expect_parameters({}, 0);
    if (in.empty()) throw Error("SHAPE_MISMATCH", node.name + ": lrn needs an input with an axis", node.name);
    const int size = node.integer("size", 1);
    below_ = (size - 1) / 2;
    above_ = size / 2;
    factor_ = read_finite(node, "alpha") / static_cast<float>(size);
    beta_ = read_finite(node, "beta");
    bias_ = read_finite(node, "bias");
    channels_ = static_cast<int>(in.back());
    rows_ = floats_of(in) / static_cast<size_t>(channels_);
  }

  void plan_forward(Plan& plan, OpBuffers& buffers, bool) const override {
    plan_rows(plan, "forward", {buffers.in, buffers.out}, [this, b = buffers](const Step& s, size_t at, float*) {
      const float* x = s.at(b.in) + at;
      float* y = s.at(b.out) + at;
      for (int c = 0; c < channels_; ++c) y[c] = static_cast<float>(x[c] * scale_of(base(x, c)));
    });
  }

  void plan_backward(Plan& plan, const OpBuffers& buffers) const override {
    if (buffers.d_in == kNoBuffer) return;
    plan.need_scratch(static_cast<size_t>(channels_));
    plan_rows(plan, "backward", {buffers.in, buffers.d_out, buffers.d_in},
              [this, b = buffers](const Step& s, size_t at, float* scratch) {
                backward(s.at(b.in) + at, s.at(b.d_out) + at, s.at(b.d_in) + at, scratch);
              });
  }

 private:
  // Plans a stage that calls run(step, offset of a row, scratch).
  template <typename Run>
  void plan_rows(Plan& plan, const char* kind, std::vector<BufferId> uses, Run run) const {
    const double bytes = static_cast<double>(uses.size() * floats_of(in) * sizeof(float));
    plan.pass({.node = name, .kind = kind, .algorithm = "row by row", .bytes = bytes});
    const size_t row = static_cast<size_t>(channels_);
    const size_t each = std::max<size_t>(kElementsPerTask / row, 1);
    plan.stage(
        std::move(uses), [=, this](const Step& s) { return ceil_div(static_cast<size_t>(s.n) * rows_, each); },
        [=, this](const Step& s, size_t task, float* scratch) {
          const size_t end = std::min((task + 1) * each, static_cast<size_t>(s.n) * rows_);
          for (size_t r = task * each; r < end; ++r) run(s, r * row, scratch);
        });
  }

  // bias + alpha / size * the sum of the squares around channel c, in double precision, which doesn't overflow.
  double base(const float* x, int c) const {
    const int end = std::min<int64_t>(int64_t{c} + above_, channels_ - 1) + 1;
    double sum = 0;
    for (int i = std::max(c - below_, 0); i < end; ++i) sum += static_cast<double>(x[i]) * x[i];
    return bias_ + factor_ * sum;
  }

  // value^-beta. Square roots give the usual exponent, in less time.
  double scale_of(double value) const {
    if (beta_ != 0.75f) return std::pow(value, -static_cast<double>(beta_));
    const double root = std::sqrt(value);
    return 1 / (root * std::sqrt(root));
  }

  void backward(const float* x, const float* dy, float* dx, float* shares) const {
    for (int c = 0; c < channels_; ++c) {
      const double value = base(x, c);
      const double scale = scale_of(value);
      dx[c] = static_cast<float>(dy[c] * scale);
      shares[c] = static_cast<float>(dy[c] * x[c] * scale / value);
    }
    // Channel c is in the windows of those from c - above_ to c + below_.
    for (int c = 0; c < channels_; ++c) {
      const int end = std::min<int64_t>(int64_t{c} + below_, channels_ - 1) + 1;
      float sum = 0;
      for (int i = std::max(c - above_, 0); i < end; ++i) sum += shares[i];
      dx[c] -= 2 * factor_ * beta_ * x[c] * sum;
    }
  }

  int below_ = 0;
  int above_ = 0;
  float factor_ = 0;
  float beta_ = 0;
  float bias_ = 0;
  int channels_ = 1;
  size_t rows_ = 1;
};

}  // namespace

std::unique_ptr<Op> make_lrn(const NodeDescription& node, const Shape& in) { return std::make_unique<LrnOp>(node, in); }

}  // namespace convforge
