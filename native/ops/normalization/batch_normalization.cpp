#include <algorithm>

#include "ops/normalization/channel_normalization.h"
#include "runtime/error.h"

namespace convforge {
namespace {

constexpr size_t kChannelsPerTask = 1024;
constexpr size_t kFloatsPerDouble = sizeof(double) / sizeof(float);

// In training, normalizes by the batch's statistics and updates the moving ones. Otherwise, or if frozen, normalizes by
// the moving ones.
class BatchNormalizationOp : public ChannelNormalizationOp, public ChannelScaling {
 public:
  BatchNormalizationOp(const NodeDescription& node, const Shape& in)
      : ChannelNormalizationOp(node, in, Set::kBatch, {"moving_mean", "moving_variance"}),
        momentum_(node.number("momentum")),
        frozen_(node.flag("frozen")) {
    if (momentum_ >= 0 && momentum_ <= 1) return;
    throw Error("INVALID_ARGUMENT", node.name + ": momentum is a number in [0, 1], not " + format_number(momentum_),
                node.name);
  }

  // By the moving statistics, it is linear.
  Fusion fusion() const override {
    if (uses_batch_statistics(false)) return {};
    return {.activation = has_relu() ? std::optional(activation()) : std::nullopt, .scaling = this};
  }

  Coefficients of_channel(const Step& s, size_t channel) const override {
    return scaling(s, channel, s.weights[offset(first_other()) + channel],
                   s.weights[offset(first_other() + 1) + channel]);
  }

 protected:
  bool uses_batch_statistics(bool training) const override { return in_training(training) && !frozen_; }

  BufferId plan_fixed_statistics(Plan& plan) const override {
    const BufferId coefficients = plan.lasting_workspace(kCoefficients * channels());
    plan.weights_stage(
        {coefficients}, [this](const Step&) { return ceil_div(channels(), kChannelsPerTask); },
        [this, coefficients](const Step& s, size_t task, float*) {
          const size_t end = std::min((task + 1) * kChannelsPerTask, channels());
          for (size_t c = task * kChannelsPerTask; c < end; ++c) {
            write_channel(s, s.at(coefficients), c, s.weights[offset(first_other()) + c],
                          s.weights[offset(first_other() + 1) + c]);
          }
        });
    return coefficients;
  }

  BufferId plan_moments(Plan& plan) const override { return plan.workspace(0, 2 * channels() * kFloatsPerDouble); }

  void plan_statistics_update(Plan& plan, BufferId moments) const override {
    plan.statistics_stage(
        {moments}, [this](const Step& s) { return s.state ? ceil_div(channels(), kChannelsPerTask) : 0; },
        [this, moments](const Step& s, size_t task, float*) {
          const double* of_channel = reinterpret_cast<const double*>(s.at(moments));
          const size_t end = std::min((task + 1) * kChannelsPerTask, channels());
          for (size_t c = task * kChannelsPerTask; c < end; ++c) {
            update_average(&s.state[offset(first_other()) + c], of_channel[2 * c]);
            update_average(&s.state[offset(first_other() + 1) + c], of_channel[2 * c + 1]);
          }
        });
  }

 private:
  void update_average(float* average, double value) const {
    *average = static_cast<float>(*average * momentum_ + value * (1 - momentum_));
  }

  double momentum_;
  bool frozen_;
};

}  // namespace

std::unique_ptr<Op> make_batchNormalization(const NodeDescription& node, const Shape& in) {
  return std::make_unique<BatchNormalizationOp>(node, in);
}

}  // namespace convforge
