#include "simd/fused.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <random>

using namespace convforge;

namespace {

bool same_bits(float a, float b) {
  return (std::isnan(a) && std::isnan(b)) || std::bit_cast<uint32_t>(a) == std::bit_cast<uint32_t>(b);
}

// mingw's fmaf rounds twice, so it is no reference.
bool libm_is_right() { return std::fma(0x1.000002p0f, 0x1.000002p0f, -0x1.000004p0f) == 0x1p-46f; }

}  // namespace

TEST_CASE("an emulated multiply-add is rounded once") {
  if (!libm_is_right()) return;
  std::mt19937 random(7);
  int wrong = 0;
  for (int i = 0; i < 2000000; ++i) {
    // All bit patterns; every second triple has exponents that are close, where rounding twice shows.
    uint32_t bits[3];
    for (uint32_t& word : bits) word = random();
    if (i % 2 == 0) {
      for (uint32_t& word : bits) word = (word & 0x807fffff) | (120u + random() % 16u) << 23;
    }
    const auto a = std::bit_cast<float>(bits[0]);
    const auto b = std::bit_cast<float>(bits[1]);
    const auto c = std::bit_cast<float>(bits[2]);
    if (!same_bits(emulated_fma(a, b, c), std::fma(a, b, c))) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("an emulated multiply-add keeps what one product and two roundings lose") {
  CHECK(emulated_fma(0x1.000002p0f, 0x1.000002p0f, -0x1.000004p0f) == 0x1p-46f);
  // The exact sum lies just above the middle of two floats; rounded to double, it lies on the middle.
  CHECK(emulated_fma(0x1.000002p0f, 0x1p-24f, 1.0f) == 0x1.000002p0f);
  // Subnormal: the exact sum is a tie, which goes to the even neighbour.
  CHECK(emulated_fma(0x1p-75f, 0x1p-75f, 0x1p-149f) == 0x1p-148f);
}
