// Losses of samples: weighted rows, and rows of an ignored class.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>

#include "program/losses/sample_loss.h"
#include "targets/dispatch.h"
#include "test/support.h"

using namespace convforge;
using namespace convforge::test;

namespace {

// More rows, and more elements, than one block of the kernels has.
constexpr size_t kRows = 131;
constexpr size_t kClasses = 5;
constexpr size_t kElements = kRows * kClasses;

struct Result {
  double loss = 0;
  std::vector<float> dx;
};

Result compute(const LossKind& kind, SampleLossCall call) {
  std::vector<float> probabilities(call.elements());
  Result result;
  result.dx.assign(call.elements(), -1.0f);
  call.probabilities = probabilities.data();
  call.dx = result.dx.data();
  result.loss = kind.compute(call);
  return result;
}

SampleLossCall call_of(const std::vector<float>& x, const std::vector<float>& targets,
                       const std::vector<int32_t>& labels, const LossKind& kind) {
  SampleLossCall call;
  call.x = x.data();
  call.labels = kind.takes_classes ? labels.data() : nullptr;
  call.targets = kind.takes_classes ? nullptr : targets.data();
  call.rows = kRows;
  call.n = kClasses;
  call.grad_scale = 0.5f;
  return call;
}

// The loss of one row alone, with its share of the mean.
Result row_of(const LossKind& kind, SampleLossCall call, size_t row) {
  call.x += row * kClasses;
  if (call.labels) call.labels += row;
  if (call.targets) call.targets += row * kClasses;
  call.rows = 1;
  return compute(kind, call);
}

}  // namespace

TEST_CASE("a row's weight multiplies its loss and its gradient, in every loss") {
  std::vector<float> x = Random(7).uniforms(kElements);
  std::vector<float> targets = Random(8).uniforms(kElements);
  for (float& value : x) value = 0.5f + 0.4f * value;
  for (float& value : targets) value = 0.5f + 0.5f * value;
  std::vector<float> weights = Random(9).uniforms(kRows);
  weights[3] = 0;
  std::vector<int32_t> labels(kRows);
  for (size_t row = 0; row < kRows; ++row) labels[row] = static_cast<int32_t>(row % kClasses);
  for (const char* name : {"categoricalCrossentropy", "sparseCategoricalCrossentropy", "binaryCrossentropy",
                           "binaryFocalCrossentropy", "categoricalFocalCrossentropy", "meanSquaredError",
                           "halfSquaredError", "huber", "categoricalHinge", "klDivergence", "cosineSimilarity"}) {
    CAPTURE(name);
    const LossKind& kind = loss_kind(name);
    for (const bool logits : {false, true}) {
      if (logits && kind.logits_of == LogitsOf::kNothing) continue;
      SampleLossCall call = call_of(x, targets, labels, kind);
      call.logits = logits;
      call.row_weights = weights.data();
      const Result weighted = compute(kind, call);
      call.row_weights = nullptr;
      // This loss sums its rows, others average them.
      const double share = std::string(name) == "halfSquaredError" ? 1 : 1.0 / kRows;
      double loss = 0;
      for (size_t row = 0; row < kRows; ++row) {
        const Result alone = row_of(kind, call, row);
        loss += share * weights[row] * alone.loss;
        for (size_t j = 0; j < kClasses; ++j) {
          const double expected = share * weights[row] * alone.dx[j];
          CHECK(weighted.dx[row * kClasses + j] == doctest::Approx(expected).epsilon(1e-5));
        }
      }
      CHECK(weighted.loss == doctest::Approx(loss).epsilon(1e-6));
    }
  }
}

TEST_CASE("a row of an ignored class, or of none, has no loss and no gradient, even of NaN") {
  const LossKind& kind = loss_kind("sparseCategoricalCrossentropy");
  std::vector<float> x = Random(7).uniforms(kElements);
  std::vector<int32_t> labels(kRows);
  for (size_t row = 0; row < kRows; ++row) labels[row] = static_cast<int32_t>(row % kClasses);
  labels[0] = -1;
  labels[64] = 255;
  labels[70] = std::numeric_limits<int32_t>::min();
  x[64 * kClasses] = NAN;
  for (const bool logits : {false, true}) {
    if (!logits) {
      for (float& value : x) value = 0.5f + 0.4f * value;
    }
    SampleLossCall call = call_of(x, {}, labels, kind);
    call.logits = logits;
    call.ignored = 2;
    const Result result = compute(kind, call);
    double loss = 0;
    for (size_t row = 0; row < kRows; ++row) {
      const bool left_out = labels[row] < 0 || labels[row] == 2 || labels[row] == 255;
      const Result alone = left_out ? Result{0, std::vector<float>(kClasses)} : row_of(kind, call, row);
      loss += alone.loss / kRows;
      for (size_t j = 0; j < kClasses; ++j)
        CHECK(result.dx[row * kClasses + j] == doctest::Approx(alone.dx[j] / kRows).epsilon(1e-5));
    }
    CHECK(result.loss == doctest::Approx(loss).epsilon(1e-6));
  }
}
