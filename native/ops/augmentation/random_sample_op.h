#pragma once

#include <array>

#include "ops/op.h"
#include "ops/random_words.h"

namespace convforge {

// The draws of one sample in one step, in [0, 1).
using Draws = std::array<double, 4>;

// Base of random augmentations: in training, each image is a task with draws of its own; otherwise the op is a view.
// Draw k of sample n is word 4 n + k of the node's stream, divided by 2^32.
class RandomSampleOp : public Op {
 public:
  RandomSampleOp(const NodeDescription& node, const Shape& in, Shape out);

  bool is_view(bool training) const override { return !in_training(training); }
  bool passes_gradient() const override { return false; }
  void plan_forward(Plan& plan, OpBuffers& buffers, bool training) const override;
  void plan_backward(Plan& plan, const OpBuffers& buffers) const override;

 protected:
  virtual void forward(const Draws& draws, const float* x, float* y, float* scratch) const = 0;
  // Must fill dx completely. x is null unless needs_input().
  virtual void backward(const Draws& draws, const float* x, const float* dy, float* dx, float* scratch) const = 0;
  virtual bool needs_input() const { return false; }
  virtual size_t scratch_floats() const { return 0; }

  // The input's shape [height, width, channels].
  int64_t height() const { return in[0]; }
  int64_t width() const { return in[1]; }
  int64_t channels() const { return in[2]; }

 private:
  void begin_pass(Plan& plan, const char* kind) const;
  Draws draw(const Step& s, size_t sample) const;

  RandomSource random_;
};

}  // namespace convforge
