#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "targets/dispatch.h"
#include "test/support.h"

using namespace convforge;
using namespace convforge::test;

namespace {

std::vector<float> arguments() {
  std::vector<float> x = {0.0f,  -0.0f,  1e-30f, -1e-30f, 0.624f, 0.626f, -0.625f,
                          20.0f, -20.0f, 100.0f, -100.0f, 1e30f,  -1e30f};
  Random random(5);
  for (int i = 0; i < 400; ++i) x.push_back(random.uniform() * (i % 4 == 0 ? 90.0f : 4.0f));
  return x;
}

double exact(Activation kind, double x) {
  switch (kind) {
    case Activation::kRelu:
      return x > 0 ? x : 0;
    case Activation::kSigmoid:
      return 1 / (1 + std::exp(-x));
    case Activation::kTanh:
      return std::tanh(x);
    case Activation::kLinear:
      return x;
  }
  return 0;
}

constexpr Activation kAll[] = {Activation::kLinear, Activation::kRelu, Activation::kSigmoid, Activation::kTanh};

}  // namespace

TEST_CASE("activations are right to a few units in the last place") {
  const std::vector<float> x = arguments();
  for (const KernelTable* table : supported_kernels()) {
    for (const Activation kind : kAll) {
      Guarded y(x.size());
      table->activate(kind, x.data(), y.data(), x.size());
      CHECK(y.intact());
      for (size_t i = 0; i < x.size(); ++i) {
        const double wanted = exact(kind, x[i]);
        CAPTURE(x[i]);
        CHECK(std::fabs(y.data()[i] - wanted) <=
              4 * std::fabs(wanted) * std::numeric_limits<float>::epsilon() + 1.2e-38);
      }
    }
  }
}

TEST_CASE("activation gradients follow from the value") {
  Random random(6);
  const std::vector<float> dy = random.uniforms(77);
  const std::vector<float> x = random.uniforms(77);
  for (const KernelTable* table : supported_kernels()) {
    for (const Activation kind : kAll) {
      std::vector<float> y(77);
      table->activate(kind, x.data(), y.data(), 77);
      Guarded dx(77);
      table->activate_backward(kind, y.data(), dy.data(), dx.data(), 77);
      CHECK(dx.intact());
      for (size_t i = 0; i < 77; ++i) {
        const double h = 1e-4;
        const double slope = (exact(kind, x[i] + h) - exact(kind, x[i] - h)) / (2 * h);
        CHECK(dx.data()[i] == doctest::Approx(dy[i] * slope).epsilon(1e-4));
      }
    }
  }
}

TEST_CASE("NaN and infinity go through") {
  const std::vector<float> x = {NAN, INFINITY, -INFINITY};
  for (const KernelTable* table : supported_kernels()) {
    std::vector<float> y(3);
    for (const Activation kind : kAll) {
      table->activate(kind, x.data(), y.data(), 3);
      CHECK(std::isnan(y[0]));
    }
    table->activate(Activation::kSigmoid, x.data(), y.data(), 3);
    CHECK(y[1] == 1.0f);
    CHECK(y[2] < 1e-30f);
    table->activate(Activation::kTanh, x.data(), y.data(), 3);
    CHECK(y[1] == 1.0f);
    CHECK(y[2] == -1.0f);
  }
}

TEST_CASE("softmax rows sum to one and don't overflow") {
  for (const KernelTable* table : supported_kernels()) {
    for (const int n : {1, 2, 7, 10, 16, 17, 33, 100, 1000}) {
      Random random(static_cast<uint32_t>(n));
      std::vector<float> x = random.uniforms(static_cast<size_t>(3 * n));
      for (int j = 0; j < n; ++j) x[static_cast<size_t>(j)] = x[static_cast<size_t>(j)] * 20.0f + 500.0f;
      Guarded y(x.size());
      table->softmax(x.data(), y.data(), 3, n);
      CHECK(y.intact());
      for (int r = 0; r < 3; ++r) {
        double sum = 0;
        double exact_sum = 0;
        const float* row = x.data() + r * n;
        const float maximum = *std::max_element(row, row + n);
        for (int j = 0; j < n; ++j) exact_sum += std::exp(static_cast<double>(row[j]) - maximum);
        for (int j = 0; j < n; ++j) {
          const float p = y.data()[r * n + j];
          sum += p;
          CHECK(p == doctest::Approx(std::exp(static_cast<double>(row[j]) - maximum) / exact_sum).epsilon(1e-5));
        }
        CHECK(sum == doctest::Approx(1.0).epsilon(1e-5));
      }
    }
  }
}
