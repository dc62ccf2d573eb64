#include <algorithm>
#include <cmath>
#include <vector>

#include "ops/op.h"
#include "ops/random_words.h"
#include "runtime/error.h"

namespace convforge {
namespace {

// A kept element becomes scale * x + shift, a dropped one `dropped`. The backward pass makes the same random words
// again, which costs less than storing the mask.
class DropoutOp : public Op {
 public:
  DropoutOp(const NodeDescription& node, const Shape& in) : Op(node, in, in), random_(node) {
    node.expect_parameters({}, 0);
    const double rate = node.number("rate");
    if (!(rate >= 0 && rate < 1)) {
      throw Error("INVALID_ARGUMENT", node.name + ": the rate must be in [0, 1), not " + format_number(rate),
                  node.name);
    }
    threshold_ = static_cast<uint32_t>(std::floor(rate * 0x1p32));
    scale_ = static_cast<float>(1 / (1 - rate));
    alpha_ = node.flag("alpha");
    if (alpha_) set_alpha(rate);
    if (node.attributes.count("noiseShape")) set_noise_shape(node);
  }

  bool is_view(bool training) const override { return !in_training(training); }

  void plan_forward(Plan& plan, OpBuffers& buffers, bool training) const override {
    if (in_training(training)) plan_pass(plan, buffers.in, buffers.out, true);
  }

  void plan_backward(Plan& plan, const OpBuffers& buffers) const override {
    if (buffers.d_in != kNoBuffer) plan_pass(plan, buffers.d_out, buffers.d_in, false);
  }

 private:
  static constexpr size_t kElementsPerBlock = 8192;

  // Alpha dropout, which keeps mean 0 and variance 1: dropped elements become selu's limit for minus infinity, then all
  // go through one affine map.
  void set_alpha(double rate) {
    constexpr double kLimit = -1.7580993408473766;
    const double scale = 1 / std::sqrt((1 - rate) * (1 + rate * kLimit * kLimit));
    const double shift = -scale * kLimit * rate;
    scale_ = static_cast<float>(scale);
    shift_ = static_cast<float>(shift);
    dropped_ = static_cast<float>(scale * kLimit + shift);
  }

  // Axes where the noise has size 1 share one draw.
  void set_noise_shape(const NodeDescription& node) {
    const std::vector<int> noise = node.integers("noiseShape", in.size(), 1);
    for (size_t axis = 0; axis < in.size(); ++axis) {
      if (noise[axis] == 1 || noise[axis] == in[axis]) continue;
      throw Error("SHAPE_MISMATCH",
                  node.name + ": along axis " + std::to_string(axis) + " the noise has size " +
                      std::to_string(noise[axis]) + "; it must be 1 or " + std::to_string(in[axis]),
                  node.name);
    }
    if (in.empty()) return;
    const size_t last = in.size() - 1;
    for (const int size : noise) noise_size_ *= static_cast<size_t>(size);
    draw_per_element_ = noise[last] == in[last];
    const size_t rows = static_cast<size_t>(size_of(in)) / static_cast<size_t>(in[last]);
    for (size_t row = 0; row < rows; ++row) {
      size_t left = row;
      size_t stride = static_cast<size_t>(noise[last]);
      size_t offset = 0;
      for (size_t axis = last; axis-- > 0;) {
        const size_t size = static_cast<size_t>(in[axis]);
        if (noise[axis] > 1) offset += left % size * stride;
        left /= size;
        stride *= static_cast<size_t>(noise[axis]);
      }
      noise_rows_.push_back(static_cast<uint32_t>(offset));
    }
  }

  float drop(float x, bool kept, bool forward) const {
    if (!kept) return forward ? dropped_ : 0.0f;
    return forward && alpha_ ? x * scale_ + shift_ : x * scale_;
  }

  void plan_pass(Plan& plan, BufferId from, BufferId to, bool forward) const {
    plan.pass({.node = name, .kind = forward ? "forward" : "backward", .algorithm = "elementwise"});
    const size_t size = static_cast<size_t>(size_of(out));
    if (!noise_rows_.empty()) {
      plan.need_scratch(noise_size_);
      plan.stage(
          {from, to}, [](const Step& s) { return static_cast<size_t>(s.n); },
          [=, this](const Step& s, size_t sample, float* scratch) {
            drop_sample(s, s.at(from) + sample * size, s.at(to) + sample * size, sample, forward, scratch);
          });
      return;
    }
    plan.stage(
        {from, to}, [size](const Step& s) { return ceil_div(static_cast<size_t>(s.n) * size, kElementsPerBlock); },
        [=, this](const Step& s, size_t task, float*) {
          const size_t end = std::min((task + 1) * kElementsPerBlock, static_cast<size_t>(s.n) * size);
          const float* x = s.at(from);
          float* y = s.at(to);
          RandomWords words = random_.words(s, size);
          for (size_t e = task * kElementsPerBlock; e < end; ++e) y[e] = drop(x[e], words(e) >= threshold_, forward);
        });
  }

  void drop_sample(const Step& s, const float* x, float* y, size_t sample, bool forward, float* mask) const {
    RandomWords words = random_.words(s, noise_size_);
    for (size_t i = 0; i < noise_size_; ++i) {
      mask[i] = words(sample * noise_size_ + i) >= threshold_ ? 1.0f : 0.0f;
    }
    const size_t columns = static_cast<size_t>(in.back());
    for (const uint32_t row : noise_rows_) {
      const float* k = mask + row;
      for (size_t j = 0; j < columns; ++j) y[j] = drop(x[j], k[draw_per_element_ ? j : 0] != 0, forward);
      x += columns;
      y += columns;
    }
  }

  RandomSource random_;
  uint32_t threshold_ = 0;
  float scale_ = 1;
  bool alpha_ = false;
  float shift_ = 0;
  float dropped_ = 0;
  // With a noise shape: the number of draws per sample; for each row of the last axis, the index of its first draw; and
  // whether each element of a row has its own draw.
  size_t noise_size_ = 1;
  std::vector<uint32_t> noise_rows_;
  bool draw_per_element_ = true;
};

}  // namespace

std::unique_ptr<Op> make_dropout(const NodeDescription& node, const Shape& in) {
  return std::make_unique<DropoutOp>(node, in);
}

}  // namespace convforge
