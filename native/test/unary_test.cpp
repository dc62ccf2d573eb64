#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "runtime/denormals.h"
#include "targets/dispatch.h"
#include "test/support.h"

using namespace convforge;
using namespace convforge::test;

namespace {

struct Function {
  Unary kind;
  double (*value)(double);
  double least, most;  // of the arguments
  double absolute = 0;
};

const Function kFunctions[] = {
    {Unary::kAbs, [](double x) { return std::fabs(x); }, -9, 9},
    {Unary::kFloor, [](double x) { return std::floor(x); }, -1e7, 1e7},
    {Unary::kCeil, [](double x) { return std::ceil(x); }, -9, 9},
    {Unary::kRound, [](double x) { return std::nearbyint(x); }, -9, 9},
    {Unary::kLog, [](double x) { return std::log(x); }, 1e-9, 9},
    {Unary::kLog1p, [](double x) { return std::log1p(x); }, -0.999, 9},
    {Unary::kLog1p, [](double x) { return std::log1p(x); }, -1e-3, 1e-3},
    {Unary::kExpm1, [](double x) { return std::expm1(x); }, -9, 88},
    {Unary::kSqrt, [](double x) { return std::sqrt(x); }, 0, 1e9},
    {Unary::kRsqrt, [](double x) { return 1 / std::sqrt(x); }, 1e-9, 1e9},
    {Unary::kReciprocal, [](double x) { return 1 / x; }, 1e-9, 1e9},
    {Unary::kErf, [](double x) { return std::erf(x); }, -5, 5},
    {Unary::kSin, [](double x) { return std::sin(x); }, -0.8, 0.8},
    {Unary::kSin, [](double x) { return std::sin(x); }, -1e5, 1e5, 1.5e-7},
    {Unary::kSin, [](double x) { return std::sin(x); }, -1e38, 1e38, 1.5e-7},
    {Unary::kCos, [](double x) { return std::cos(x); }, -0.8, 0.8},
    {Unary::kCos, [](double x) { return std::cos(x); }, -1e5, 1e5, 1.5e-7},
    {Unary::kCos, [](double x) { return std::cos(x); }, -1e38, 1e38, 1.5e-7},
};

}  // namespace

TEST_CASE("functions of one value are accurate to a few ulp") {
  constexpr double kUnit = std::numeric_limits<float>::epsilon();
  Random random(8);
  for (const Function& f : kFunctions) {
    std::vector<float> x = random.uniforms(1003);
    for (float& value : x) value = static_cast<float>(f.least + (f.most - f.least) * (0.5 + 0.5 * value));
    for (const KernelTable* table : supported_kernels()) {
      Guarded y(x.size());
      table->unary(f.kind, x.data(), y.data(), x.size());
      CHECK(y.intact());
      for (size_t i = 0; i < x.size(); ++i) {
        const double expected = f.value(x[i]);
        CAPTURE(static_cast<int>(f.kind));
        CAPTURE(x[i]);
        CHECK(std::fabs(y.data()[i] - expected) <= 4 * kUnit * std::fabs(expected) + f.absolute);
      }
    }
  }
}

TEST_CASE("sine and cosine keep their bits on each instruction set, and take many turns off large angles") {
  const FlushDenormals flush;
  std::vector<float> x;
  for (int i = -2000; i <= 2000; ++i) x.push_back(static_cast<float>(i) * 0.37f);
  for (int e = 10; e < 127; ++e) x.push_back(std::ldexp(1.234567f, e));
  std::vector<float> first(x.size());
  for (const Unary kind : {Unary::kSin, Unary::kCos}) {
    for (const KernelTable* table : supported_kernels()) {
      std::vector<float> y(x.size());
      table->unary(kind, x.data(), y.data(), x.size());
      if (table == supported_kernels().front()) first = y;
      for (size_t i = 0; i < x.size(); ++i) {
        const double expected =
            kind == Unary::kSin ? std::sin(static_cast<double>(x[i])) : std::cos(static_cast<double>(x[i]));
        CAPTURE(x[i]);
        CHECK(std::fabs(y[i] - expected) <= 1.5e-7);
        CHECK(y[i] == first[i]);
      }
    }
  }
}

TEST_CASE("clamping keeps NaN, and its gradient is 1 at the limits") {
  const std::vector<float> x = {-2, -1, 0.5f, 1, 2, NAN, INFINITY, -INFINITY, 0};
  const std::vector<float> dy(x.size(), 3);
  const std::vector<float> expected = {-1, -1, 0.5f, 1, 1, NAN, 1, -1, 0};
  const std::vector<float> slopes = {0, 3, 3, 3, 0, 3, 0, 0, 3};
  for (const KernelTable* table : supported_kernels()) {
    Guarded y(x.size()), dx(x.size());
    table->clamp(x.data(), y.data(), x.size(), -1, 1);
    table->clamp_backward(x.data(), dy.data(), dx.data(), x.size(), -1, 1);
    CHECK(y.intact());
    CHECK(dx.intact());
    for (size_t i = 0; i < x.size(); ++i) {
      CAPTURE(i);
      CHECK((y.data()[i] == expected[i] || (std::isnan(y.data()[i]) && std::isnan(expected[i]))));
      CHECK(dx.data()[i] == slopes[i]);
    }
  }
}
