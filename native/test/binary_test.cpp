#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "runtime/denormals.h"
#include "targets/dispatch.h"
#include "test/support.h"

using namespace convforge;
using namespace convforge::test;

namespace {

constexpr double kUnit = std::numeric_limits<float>::epsilon();

// The bits of a kernel's result on each instruction set must be the first one's.
void check_bits(const std::vector<float>& y, std::vector<float>& first) {
  if (first.empty()) first = y;
  for (size_t i = 0; i < y.size(); ++i) CHECK((y[i] == first[i] || (y[i] != y[i] && first[i] != first[i])));
}

}  // namespace

TEST_CASE("powers are accurate to an ulp, and have the limits of the standard library") {
  const FlushDenormals flush;
  Random random(11);
  std::vector<float> a = random.uniforms(2000), b = random.uniforms(2000);
  for (size_t i = 0; i < a.size(); ++i) {
    a[i] = std::exp2(a[i] * (i % 2 == 0 ? 3.0f : 60.0f));
    b[i] *= i % 3 == 0 ? 2.0f : 20.0f;
    if (i % 5 == 0) b[i] = std::round(b[i]);
    if (i % 10 == 0) a[i] = -a[i];
  }
  for (const float x : {0.0f, -0.0f, 1.0f, -2.0f, 2.0f, -0.5f, INFINITY, -INFINITY, NAN}) {
    for (const float y : {0.0f, 1.0f, -1.0f, 2.0f, -3.0f, 0.5f, 1e9f, -3e7f, INFINITY, -INFINITY, NAN}) {
      // JavaScript's 1 ** NaN and 1 ** Infinity are NaN.
      if (std::fabs(x) == 1.0f && !std::isfinite(y)) continue;
      a.push_back(x);
      b.push_back(y);
    }
  }
  std::vector<float> first;
  for (const KernelTable* table : supported_kernels()) {
    std::vector<float> y(a.size());
    table->binary(Binary::kPower, {.a = a.data(), .b = b.data(), .n = a.size()}, y.data());
    for (size_t i = 0; i < a.size(); ++i) {
      const double exact = std::pow(static_cast<double>(a[i]), static_cast<double>(b[i]));
      CAPTURE(a[i]);
      CAPTURE(b[i]);
      if (std::isnan(exact)) {
        // The standard's (-infinity)^0.5 is infinity, as ours.
        CHECK(std::isnan(y[i]));
      } else if (std::fabs(exact) > 3.4028236e38 || std::fabs(exact) < 1.2e-38) {
        CHECK((y[i] == static_cast<float>(exact) || (y[i] == 0.0f && std::fabs(exact) < 1.2e-38)));
      } else {
        CHECK(std::fabs(y[i] - exact) <= 0.51 * kUnit * std::fabs(exact));
      }
    }
    check_bits(y, first);
  }
}

TEST_CASE("functions of two values read rows that are repeated, and single values") {
  Random random(12);
  for (const size_t n : {1u, 3u, 16u, 33u, 130u}) {
    const std::vector<float> a = random.uniforms(4 * n), b = random.uniforms(n);
    for (const KernelTable* table : supported_kernels()) {
      Guarded y(4 * n);
      BinaryRows rows{.a = a.data(), .b = b.data(), .a_row = static_cast<ptrdiff_t>(n), .rows = 4, .n = n};
      table->binary(Binary::kSubtract, rows, y.data());
      CHECK(y.intact());
      for (size_t i = 0; i < 4 * n; ++i) CHECK(y.data()[i] == a[i] - b[i % n]);
      rows.b_each = false;
      table->binary(Binary::kDivide, rows, y.data());
      for (size_t i = 0; i < 4 * n; ++i) CHECK(y.data()[i] == a[i] / b[0]);
      table->binary(Binary::kModulo, rows, y.data());
      CHECK(y.intact());
      for (size_t i = 0; i < 4 * n; ++i)
        CHECK(std::fabs(y.data()[i] - (a[i] - std::floor(static_cast<double>(a[i]) / b[0]) * b[0])) < 2e-7);
      table->binary_gradient(Binary::kMultiply, rows, true, a.data(), y.data());
      for (size_t i = 0; i < 4 * n; ++i) CHECK(y.data()[i] == a[i] * b[0]);
      table->binary_gradient(Binary::kMultiply, rows, false, a.data(), y.data());
      CHECK(y.intact());
      for (size_t i = 0; i < 4 * n; ++i) CHECK(y.data()[i] == a[i] * a[i]);
    }
  }
}

TEST_CASE("reductions of rows and columns have the same bits on each instruction set") {
  Random random(13);
  for (const Reduction kind : {Reduction::kSum, Reduction::kProduct, Reduction::kMax, Reduction::kMin}) {
    for (const size_t n : {1u, 15u, 16u, 37u, 100u}) {
      const std::vector<float> x = random.uniforms(9 * n);
      std::vector<float> first;
      for (const KernelTable* table : supported_kernels()) {
        std::vector<double> rows(9, kind == Reduction::kProduct ? 1 : 0),
            columns(n, kind == Reduction::kProduct ? 1 : 0);
        table->reduce_rows(kind, x.data(), 9, n, rows.data());
        table->reduce_columns(kind, x.data(), 9, n, n, columns.data());
        double sum = 0;
        for (const float value : x) sum += value;
        double of_rows = 0, of_columns = 0;
        for (const double total : rows) of_rows += total;
        for (const double total : columns) of_columns += total;
        if (kind == Reduction::kSum) {
          CHECK(std::fabs(of_rows - sum) < 1e-12 * static_cast<double>(x.size()));
          CHECK(std::fabs(of_columns - sum) < 1e-12 * static_cast<double>(x.size()));
        }
        std::vector<float> all(rows.begin(), rows.end());
        all.insert(all.end(), columns.begin(), columns.end());
        check_bits(all, first);
      }
    }
  }
}

TEST_CASE("a sum of 10^6 numbers is exact to 1e-6, and a maximum shows a NaN") {
  std::vector<float> x(1000000, 0.1f);
  for (const KernelTable* table : supported_kernels()) {
    double total = 0;
    table->reduce_rows(Reduction::kSum, x.data(), 1, x.size(), &total);
    CHECK(std::fabs(total - 1e6 * static_cast<double>(0.1f)) < 0.01);
    double most = -INFINITY;
    x[999] = NAN;
    table->reduce_rows(Reduction::kMax, x.data(), 1, 1003, &most);
    CHECK(std::isnan(most));
    most = -INFINITY;
    table->reduce_columns(Reduction::kMax, x.data() + 999, 3, 1, 1, &most);
    CHECK(std::isnan(most));
    x[999] = 0.1f;
  }
}
