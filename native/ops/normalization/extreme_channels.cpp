// Normalization of extreme channels: see extreme_values.h.
#include "ops/normalization/channel_normalization.h"
#include "ops/normalization/extreme_values.h"

namespace convforge {

// The coefficients that a channel of a set is normalized by, in double precision.
struct ChannelNormalizationOp::ExtremeChannel {
  double mean;
  double deviation;
  double gamma;
  double beta;
  const Activation& activation;

  double normalized(float x) const { return (x - mean) / deviation; }
  double value(float x) const { return normalized(x) * gamma + beta; }
  // The value after ReLU. The order of the operands keeps NaN.
  double output(float x) const {
    const double y = value(x);
    if (!activation.clips()) return y;
    return y < 0 ? 0 : y > activation.maximum ? activation.maximum : y;
  }
  // The gradient dy where ReLU lets it through, else 0.
  double gradient(float x, float dy) const {
    if (!activation.clips()) return dy;
    const double y = value(x);
    const bool bounded = activation.maximum < __builtin_inff();
    return !(y > 0) || (bounded && !(y < activation.maximum)) ? 0 : dy;
  }
};

ChannelNormalizationOp::ExtremeChannel ChannelNormalizationOp::extreme_channel(const Step& s, const float* coefficients,
                                                                               size_t channel) const {
  const auto of = [&](Coefficient c) { return coefficients[c * channels_ + channel]; };
  const double mean = static_cast<double>(of(kMean)) + of(kMeanRest);
  return {mean, of(kDeviation), has_gamma_ ? s.weights[offsets_[0] + channel] : 1.0f, of(kShift), activation_};
}

void ChannelNormalizationOp::recompute_moments(const Step& s, const float* x, size_t set, size_t group, double* mean,
                                               double* variance) const {
  if (!may_be_extreme(*mean, *variance)) return;
  const float* first = x + set * rows(s) * channels_ + group * group_channels();
  const ExtremeMoments m = extreme_moments(static_cast<double>(rows(s) * group_channels()), [&](auto body) {
    for (size_t row = 0; row < rows(s); ++row) {
      for (size_t c = 0; c < group_channels(); ++c) body(first[row * channels_ + c]);
    }
  });
  if (!m.finite()) return;
  *mean = m.mean;
  *variance = m.variance;
}

void ChannelNormalizationOp::normalize_extreme(const Step& s, const Tile& p, const ChannelNormalize& n,
                                               float* y) const {
  const float* coefficients = n.mean - p.channel;
  for (size_t c = 0; c < static_cast<size_t>(n.channels); ++c) {
    if (!(coefficients[kDeviation * channels_ + p.channel + c] > 0)) continue;
    const ExtremeChannel by = extreme_channel(s, coefficients, p.channel + c);
    for (int row = 0; row < n.rows; ++row) {
      const ptrdiff_t at = row * n.row + static_cast<ptrdiff_t>(c);
      y[at] = static_cast<float>(by.output(n.x[at]));
    }
  }
}

ChannelNormalizationOp::GroupSums ChannelNormalizationOp::sum_extreme(const Step& s, const OpBuffers& b,
                                                                      const float* coefficients, size_t set,
                                                                      size_t group, float* sums) const {
  const size_t first = group * group_channels();
  const size_t end = first + group_channels();
  const double values = this->values(s);
  GroupSums means;
  for (size_t c = first; c < end; ++c) {
    const ExtremeChannel by = extreme_channel(s, coefficients, c);
    double sum = 0;
    double product = 0;
    for (size_t row = 0; row < rows(s); ++row) {
      const size_t at = (set * rows(s) + row) * channels_ + c;
      const float x = s.at(b.in)[at];
      const double g = by.gradient(x, s.at(b.d_out)[at]);
      sum += g;
      product += g * by.normalized(x);
    }
    sums[kSum * channels_ + c] = static_cast<float>(sum);
    sums[kProduct * channels_ + c] = static_cast<float>(product);
    means.sum += by.gamma * sum / values;
    means.product += by.gamma * product / values;
  }
  return means;
}

// With n the normalized x: dx = (gamma * g - mean(gamma * g) - n * mean(gamma * g * n)) / deviation.
void ChannelNormalizationOp::differentiate_extreme(const Step& s, const Tile& p, const ChannelGradient& g,
                                                   float* dx) const {
  const float* coefficients = g.mean - p.channel;
  for (size_t c = 0; c < static_cast<size_t>(g.channels); ++c) {
    if (!(coefficients[kDeviation * channels_ + p.channel + c] > 0)) continue;
    const ExtremeChannel by = extreme_channel(s, coefficients, p.channel + c);
    for (int row = 0; row < g.rows; ++row) {
      const ptrdiff_t at = row * g.row + static_cast<ptrdiff_t>(c);
      const double own = by.gamma * by.gradient(g.x[at], g.dy[at]);
      dx[at] = static_cast<float>((own - g.sum[c] - by.normalized(g.x[at]) * g.product[c]) / by.deviation);
    }
  }
}

}  // namespace convforge
