#include <algorithm>
#include <cmath>

#include "ops/op.h"
#include "ops/random_words.h"
#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

// Adds Gaussian noise, or multiplies by 1 + noise.
class GaussianNoiseOp : public Op {
 public:
  GaussianNoiseOp(const NodeDescription& node, const Shape& in) : Op(node, in, in), random_(node) {
    node.expect_parameters({}, 0);
    const double stddev = node.number("stddev");
    if (!(stddev >= 0) || !std::isfinite(static_cast<float>(stddev))) {
      throw Error("INVALID_ARGUMENT", node.name + ": stddev is a number from 0 up, not " + format_number(stddev),
                  node.name);
    }
    stddev_ = static_cast<float>(stddev);
    multiplies_ = node.flag("multiplies");
  }

  bool is_view(bool training) const override { return !in_training(training); }
  bool passes_gradient() const override { return !multiplies_; }

  void plan_forward(Plan& plan, OpBuffers& buffers, bool training) const override {
    if (in_training(training)) plan_pass(plan, "forward", buffers.in, buffers.out);
  }

  void plan_backward(Plan& plan, const OpBuffers& buffers) const override {
    if (multiplies_ && buffers.d_in != kNoBuffer) plan_pass(plan, "backward", buffers.d_out, buffers.d_in);
  }

 private:
  static constexpr size_t kElementsPerTask = 8192;
  static constexpr size_t kBlock = 256;

  void plan_pass(Plan& plan, const char* kind, BufferId from, BufferId to) const {
    plan.pass({.node = name, .kind = kind, .algorithm = "elementwise"});
    const size_t size = static_cast<size_t>(size_of(out));
    plan.stage(
        {from, to}, [size](const Step& s) { return ceil_div(static_cast<size_t>(s.n) * size, kElementsPerTask); },
        [=, this](const Step& s, size_t task, float*) {
          const size_t end = std::min((task + 1) * kElementsPerTask, static_cast<size_t>(s.n) * size);
          for (size_t e = task * kElementsPerTask; e < end; e += kBlock) {
            add_noise(s, s.at(from), s.at(to), e, std::min(e + kBlock, end));
          }
        });
  }

  void add_noise(const Step& s, const float* x, float* y, size_t begin, size_t end) const {
    float z[kBlock];
    RandomWords words = random_.words(s, floats_of(out));
    // Odd multiples of 2^-24 in (-1, 1), exact in float.
    for (size_t e = begin; e < end; ++e) {
      z[e - begin] = static_cast<float>(2 * static_cast<int32_t>(words(e) >> 8) + 1 - (1 << 24)) * 0x1p-24f;
    }
    kernels().normal_quantiles(z, end - begin);
    for (size_t e = begin; e < end; ++e) {
      const float noise = stddev_ * z[e - begin];
      y[e] = multiplies_ ? x[e] * (1.0f + noise) : x[e] + noise;
    }
  }

  RandomSource random_;
  float stddev_ = 0;
  bool multiplies_ = false;
};

}  // namespace

std::unique_ptr<Op> make_gaussianNoise(const NodeDescription& node, const Shape& in) {
  return std::make_unique<GaussianNoiseOp>(node, in);
}

}  // namespace convforge
