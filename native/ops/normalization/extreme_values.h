// Normalization in double precision, for sets of extreme values that float arithmetic can't normalize: sums of values
// or of squares overflow, the inverse of the deviation underflows, or x - mean overflows. Such sets are rare, so values
// are visited one by one.
#pragma once

#include <cmath>
#include <cstddef>

namespace convforge {

// A set is extreme if its variance or the absolute value of its mean exceeds these. Floats above kExtremeMean are
// rounded by 1e15 or more, so the float sums of equal values may give a variance above kExtremeVariance.
inline constexpr double kExtremeVariance = 1e30;
inline constexpr double kExtremeMean = 1e22;

// A set with a NaN or an infinity may be extreme, too. All of it becomes NaN either way.
inline bool is_extreme(double mean, double variance) {
  return variance > kExtremeVariance || std::fabs(mean) > kExtremeMean;
}

// Whether the set may be extreme, by its float statistics: they are extreme or have overflowed.
inline bool may_be_extreme(double mean, double variance) {
  return is_extreme(mean, variance) || !std::isfinite(variance);
}

struct ExtremeMoments {
  double mean = 0;
  double variance = 0;

  bool finite() const { return std::isfinite(variance); }
  double deviation(double epsilon) const { return std::sqrt(variance + epsilon); }
};

// The moments of `count` values; each_value(body) must call body(x) for every value. Distances from the first value are
// summed, so that equal values have exactly their mean and no variance.
template <typename EachValue>
ExtremeMoments extreme_moments(double count, EachValue each_value) {
  ExtremeMoments m;
  double first = 0;
  bool has_first = false;
  each_value([&](float x) {
    if (!has_first) first = x;
    has_first = true;
    m.mean += (x - first) / count;
  });
  m.mean += first;
  each_value([&](float x) { m.variance += (x - m.mean) * (x - m.mean) / count; });
  return m;
}

}  // namespace convforge
