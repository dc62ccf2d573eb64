#include <algorithm>
#include <string>
#include <vector>

#include "ops/augmentation/random_sample_op.h"
#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

// Reads a lower and an upper limit.
std::vector<float> read_range(const NodeDescription& node, const std::string& key) {
  const std::vector<float> range = node.numbers(key, 2);
  if (range[0] <= range[1]) return range;
  throw Error("INVALID_ARGUMENT", node.name + ": " + key + " must be [low, high] with low <= high", node.name);
}

// clip(x * scale + offset, limits). Brightness draws the offset. Contrast draws a scale about each channel's mean, so
// its offset is (1 - scale) * mean.
class RandomToneOp : public RandomSampleOp {
 public:
  RandomToneOp(const NodeDescription& node, const Shape& in)
      : RandomSampleOp(node, in, in), range_(read_range(node, "range")), limits_(read_range(node, "limits")) {
    const std::string kind = node.text("kind");
    if (kind != "contrast" && kind != "brightness")
      throw Error("UNSUPPORTED", node.name + ": there is no random augmentation '" + kind + "'", node.name);
    about_mean_ = kind == "contrast";
    planes_ = static_cast<size_t>(channels());
    period_ = planes_ * std::min<size_t>(kPixels, floats_of(in) / planes_);
  }

 protected:
  bool needs_input() const override { return true; }
  size_t scratch_floats() const override { return planes_ * (sizeof(double) / sizeof(float)) + period_; }

  void forward(const Draws& draws, const float* x, float* y, float* scratch) const override {
    kernels().tone(tone(draws, x, scratch), x, y, floats_of(in));
  }

  void backward(const Draws& draws, const float* x, const float* dy, float* dx, float* scratch) const override {
    const Tone t = tone(draws, x, scratch);
    kernels().tone_backward(t, x, dy, dx, floats_of(in));
    if (!about_mean_) return;
    // The mean depends on all values of a channel alike, so its gradient is added by the same map without limits.
    set_to_means(dx, t.scale, scratch);
    kernels().tone({.scale = t.scale, .offsets = t.offsets, .period = period_}, dx, dx, floats_of(in));
  }

 private:
  // A period of offsets is kPixels pixels, if the image has as many, so that it is whole vectors on every target. At
  // most kPeriods periods are summed in single precision.
  static constexpr size_t kPixels = 16;
  static constexpr size_t kPeriods = 64;

  Tone tone(const Draws& draws, const float* x, float* scratch) const {
    const double low = range_[0];
    const float drawn = static_cast<float>(low + (range_[1] - low) * draws[0]);
    float* offsets = this->offsets(scratch);
    if (about_mean_) {
      set_to_means(x, drawn, scratch);
    } else {
      std::fill_n(offsets, period_, drawn);
    }
    return {.scale = about_mean_ ? drawn : 1.0f,
            .offsets = offsets,
            .period = period_,
            .low = limits_[0],
            .high = limits_[1]};
  }

  float* offsets(float* scratch) const { return scratch + planes_ * (sizeof(double) / sizeof(float)); }

  // Sets the offsets to (1 - scale) * the mean of each channel of x.
  void set_to_means(const float* x, float scale, float* scratch) const {
    double* sums = reinterpret_cast<double*>(scratch);
    float* part = offsets(scratch);
    std::fill_n(sums, planes_, 0.0);
    const auto add = [&](size_t first, size_t periods, size_t floats) {
      kernels().sum_rows(x + first, periods, static_cast<ptrdiff_t>(period_), part, static_cast<int>(floats), false);
      for (size_t i = 0; i < floats; ++i) sums[i % planes_] += part[i];
    };
    const size_t size = floats_of(in);
    const size_t periods = size / period_;
    for (size_t p = 0; p < periods; p += kPeriods) add(p * period_, std::min(kPeriods, periods - p), period_);
    add(periods * period_, 1, size % period_);
    const double share = (1 - static_cast<double>(scale)) * static_cast<double>(planes_) / static_cast<double>(size);
    for (size_t i = 0; i < period_; ++i) part[i] = static_cast<float>(sums[i % planes_] * share);
  }

  std::vector<float> range_;
  std::vector<float> limits_;
  bool about_mean_ = false;
  size_t planes_ = 1;  // channels
  size_t period_ = 1;  // floats after which the offsets repeat
};

}  // namespace

std::unique_ptr<Op> make_randomTone(const NodeDescription& node, const Shape& in) {
  return std::make_unique<RandomToneOp>(node, in);
}

}  // namespace convforge
