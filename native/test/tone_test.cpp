// Scaling and shifting of images: against plain code, and the same bits on every instruction set.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "targets/dispatch.h"
#include "test/support.h"

using namespace convforge;
using namespace convforge::test;

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

float value_of(const Tone& t, const std::vector<float>& x, size_t i) {
  return std::fma(x[i], t.scale, t.offsets[i % t.period]);
}

}  // namespace

TEST_CASE("tones: scaling, shifting and clipping, and gradients where nothing is clipped") {
  for (const size_t period : {1, 3, 16, 17, 48, 80}) {
    for (const size_t n : {size_t{0}, size_t{1}, period, 3 * period - 1, 3 * period + 1}) {
      Random random(static_cast<uint32_t>(period * 100 + n));
      const std::vector<float> offsets = random.uniforms(period);
      const std::vector<float> x = random.uniforms(n);
      const std::vector<float> dy = random.uniforms(n);
      const Tone t = {.scale = 1.5f, .offsets = offsets.data(), .period = period, .low = -0.5f, .high = 0.25f};
      expect_same_bits([&](const KernelTable& k) {
        Guarded y(n), in_place(x), dx(n, 7.0f), unlimited(n);
        k.tone(t, x.data(), y.data(), n);
        k.tone(t, in_place.data(), in_place.data(), n);
        k.tone_backward(t, x.data(), dy.data(), dx.data(), n);
        k.tone({.scale = t.scale, .offsets = t.offsets, .period = period}, x.data(), unlimited.data(), n);
        for (size_t i = 0; i < n; ++i) {
          const float value = value_of(t, x, i);
          const bool limited = value < t.low || value > t.high;
          CHECK(y.data()[i] == std::fmin(std::fmax(value, t.low), t.high));
          CHECK(in_place.data()[i] == y.data()[i]);
          CHECK(dx.data()[i] == (limited ? 0.0f : dy[i]));
          CHECK(unlimited.data()[i] == value);
        }
        std::vector<float> all = y.values();
        for (const Guarded* g : {&y, &in_place, &dx, &unlimited}) {
          CHECK(g->intact());
          const std::vector<float> values = g->values();
          all.insert(all.end(), values.begin(), values.end());
        }
        return all;
      });
    }
  }
}

TEST_CASE("tones: values at the limits aren't clipped, and NaN propagates") {
  const std::vector<float> x = {-1, 0, 1, 2, kNan};
  const std::vector<float> dy = {1, 2, 3, 4, 5};
  const float offset = 0;
  const Tone t = {.offsets = &offset, .low = 0, .high = 1};
  for (const KernelTable* table : supported_kernels()) {
    Guarded y(5), dx(5);
    table->tone(t, x.data(), y.data(), 5);
    table->tone_backward(t, x.data(), dy.data(), dx.data(), 5);
    const std::vector<float> values = y.values();
    CHECK(std::vector<float>(values.begin(), values.end() - 1) == std::vector<float>{0, 0, 1, 1});
    CHECK(std::isnan(values[4]));
    CHECK(dx.values() == std::vector<float>{0, 2, 3, 0, 5});
  }
}
