// Normalization in double precision, for sets of values so far apart that sums of their squares, or the inverse of
// their deviation, don't fit into a float. Each value is visited one by one: this is for the rare set that has them.
#pragma once

#include <cmath>
#include <cstddef>

namespace convforge {

// The variance from which on a set is far apart.
inline constexpr double kFarVariance = 1e30;

struct FarMoments {
  double mean = 0;
  double variance = 0;

  // A set with a NaN or an infinity is none: all of it becomes NaN, whatever computes it.
  bool far() const { return variance > kFarVariance && std::isfinite(variance); }
  double deviation(double epsilon) const { return std::sqrt(variance + epsilon); }
};

// Whether float sums that gave this variance may have overflowed.
inline bool may_be_far(double variance) { return !(variance <= kFarVariance); }

// The moments of `count` values, each given to what each_value calls: each_value(body) calls body(x) for every value.
template <typename EachValue>
FarMoments far_moments(double count, EachValue each_value) {
  FarMoments m;
  each_value([&](float x) { m.mean += x / count; });
  each_value([&](float x) { m.variance += (x - m.mean) * (x - m.mean) / count; });
  return m;
}

}  // namespace convforge
