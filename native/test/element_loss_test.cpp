// Losses of single elements: the same bits on every instruction set, and derivatives that agree with difference
// quotients.
#include <doctest/doctest.h>

#include <cmath>

#include "targets/dispatch.h"
#include "test/support.h"

using namespace convforge;
using namespace convforge::test;

namespace {

using enum ElementLoss;

constexpr ElementLoss kAll[] = {kSquared,    kHalfSquared, kAbsolute,       kPercentage,   kSquaredLogarithmic,
                                kHuber,      kLogCosh,     kHinge,          kSquaredHinge, kPoisson,
                                kDivergence, kBinary,      kBinaryOfLogits, kFocal,        kFocalOfLogits};
constexpr size_t kCount = 45;

// Probabilities, or logits and numbers on both sides of 0; targets of 0, 1 and between.
std::vector<float> predictions(ElementLoss kind) {
  const bool probabilities =
      kind == kBinary || kind == kFocal || kind == kDivergence || kind == kPoisson || kind == kSquaredLogarithmic;
  std::vector<float> x = Random(4).uniforms(kCount);
  for (float& value : x) value = probabilities ? 0.5f + 0.45f * value : 3 * value;
  return x;
}

std::vector<float> targets() {
  std::vector<float> t = Random(5).uniforms(kCount);
  for (size_t i = 0; i < kCount; ++i) t[i] = i % 3 == 0 ? 1.0f : i % 3 == 1 ? 0.0f : std::fabs(t[i]);
  return t;
}

ElementLosses losses_of(const std::vector<float>& x, const std::vector<float>& t, float* values) {
  ElementLosses e;
  e.x = x.data();
  e.t = t.data();
  e.n = x.size();
  e.parameters.target_scale = 0.9f;
  e.parameters.target_shift = 0.05f;
  e.parameters.delta = 0.75f;
  e.parameters.alpha = 0.25f;
  e.parameters.other_alpha = 0.75f;
  e.values = values;
  return e;
}

std::vector<float> values_at(const KernelTable& k, ElementLoss kind, std::vector<float> x, float by) {
  for (float& value : x) value += by;
  std::vector<float> values(x.size());
  k.element_losses(kind, losses_of(x, targets(), values.data()));
  return values;
}

}  // namespace

TEST_CASE("element losses have the same bits everywhere, and derivatives that match difference quotients") {
  const std::vector<float> t = targets();
  for (const ElementLoss kind : kAll) {
    CAPTURE(static_cast<int>(kind));
    const std::vector<float> x = predictions(kind);
    expect_same_bits([&](const KernelTable& k) {
      Guarded values(kCount), dx(kCount);
      ElementLosses e = losses_of(x, t, values.data());
      e.dx = dx.data();
      e.grad_scale = 2;
      k.element_losses(kind, e);
      CHECK(values.intact());
      CHECK(dx.intact());
      CHECK(same_bits(values.values(), values_at(k, kind, x, 0)));
      constexpr float kStep = 0.0078125f;
      const std::vector<float> above = values_at(k, kind, x, kStep), below = values_at(k, kind, x, -kStep);
      for (size_t i = 0; i < kCount; ++i) {
        CAPTURE(i);
        CHECK(values.data()[i] >= (kind == kPoisson || kind == kDivergence ? -5.0f : 0.0f));
        const float slope = (above[i] - below[i]) / (2 * kStep);
        const float bend = std::fabs(above[i] + below[i] - 2 * values.data()[i]) / kStep;
        CHECK(std::fabs(dx.data()[i] / 2 - slope) <= 2e-3f * (1 + std::fabs(slope)) + bend);
      }
      std::vector<float> all = values.values();
      const std::vector<float> gradient = dx.values();
      all.insert(all.end(), gradient.begin(), gradient.end());
      return all;
    });
  }
}
