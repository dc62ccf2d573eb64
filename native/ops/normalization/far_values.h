// Normalization in double precision, for sets of values that float can't normalize: sums of the values or of their
// squares overflow, the inverse of the deviation is lost, or x - mean overflows. Each value is visited one by one: this
// is for the rare set that has them.
#pragma once

#include <cmath>
#include <cstddef>

namespace convforge {

// A set is far if its variance or the size of its mean is above these. From kFarMean on, the float sums of equal values
// may give a variance above kFarVariance, since a float of that size is rounded by 1e15.
inline constexpr double kFarVariance = 1e30;
inline constexpr double kFarMean = 1e22;

// A set with a NaN or an infinity may be far, too: all of it becomes NaN, whatever computes it.
inline bool is_far(double mean, double variance) { return variance > kFarVariance || std::fabs(mean) > kFarMean; }

// Whether the set of float sums that gave these is far, or they have overflowed.
inline bool may_be_far(double mean, double variance) { return is_far(mean, variance) || !std::isfinite(variance); }

struct FarMoments {
  double mean = 0;
  double variance = 0;

  bool finite() const { return std::isfinite(variance); }
  double deviation(double epsilon) const { return std::sqrt(variance + epsilon); }
};

// The moments of `count` values, each given to what each_value calls: each_value(body) calls body(x) for every value.
// Distances from the first value are summed, so that equal values have exactly their mean, and no variance.
template <typename EachValue>
FarMoments far_moments(double count, EachValue each_value) {
  FarMoments m;
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
