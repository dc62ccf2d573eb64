// a * b + c rounded once, for targets whose vectors have one lane.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "simd/target.h"

namespace convforge {

// In double precision, where the product is exact. The sum is rounded to odd: if it isn't exact, its last bit is set.
// Rounding that to float then gives what rounding the exact sum gives (Boldo and Melquiond, "Emulation of FMA and
// correctly rounded sums: proved algorithms using rounding to odd", 2008).
CONVFORGE_INLINE float emulated_fma(float a, float b, float c) {
  const double product = static_cast<double>(a) * b;
  const double addend = c;
  const double sum = product + addend;
  if (!std::isfinite(sum)) return static_cast<float>(sum);
  // Knuth's two-sum.
  const double part = sum - product;
  const double error = (product - (sum - part)) + (addend - part);
  const auto bits = std::bit_cast<int64_t>(sum);
  if (error == 0.0 || (bits & 1) != 0) return static_cast<float>(sum);
  return static_cast<float>(std::bit_cast<double>((error > 0.0) == (sum > 0.0) ? bits + 1 : bits - 1));
}

CONVFORGE_INLINE float scalar_fma(float a, float b, float c) {
#if defined(_WIN32)
  // mingw's fmaf rounds twice.
  return emulated_fma(a, b, c);
#else
  return std::fma(a, b, c);
#endif
}

}  // namespace convforge
