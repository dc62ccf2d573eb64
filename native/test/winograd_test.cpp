// Winograd's convolutions against double precision, and their bits on every instruction set.
#include <doctest/doctest.h>

#include "test/conv_case.h"
#include "test/support.h"

using namespace convforge;
using namespace convforge::test;

namespace {

struct Errors {
  double largest = 0;
  double rms = 0;
};

double root_mean_square(const std::vector<double>& values) {
  double squares = 0;
  for (const double value : values) squares += value * value;
  return std::sqrt(squares / static_cast<double>(values.size()));
}

// Errors relative to `scale`.
Errors errors(const std::vector<float>& actual, const std::vector<double>& expected, double scale) {
  REQUIRE(actual.size() == expected.size());
  Errors e;
  std::vector<double> differences;
  for (size_t i = 0; i < actual.size(); ++i) {
    differences.push_back((static_cast<double>(actual[i]) - expected[i]) / scale);
    const double size = std::fabs(differences.back());
    if (!(size <= e.largest)) e.largest = size;  // also true for NaN
  }
  e.rms = root_mean_square(differences);
  return e;
}

std::vector<double> convolution(const ConvCase& c, const ConvData& d) {
  std::vector<double> y(c.conv_floats());
  for (size_t i = 0; i < y.size(); ++i) y[i] = d.bias[i % d.bias.size()];
  c.visit([&](size_t in, size_t k, size_t out) { y[out] += static_cast<double>(d.x[in]) * d.kernel[k]; });
  return y;
}

double activated(const std::string& kind, double x) {
  if (kind == "relu") return std::max(x, 0.0);
  if (kind == "sigmoid") return 1 / (1 + std::exp(-x));
  return kind == "tanh" ? std::tanh(x) : x;
}

// The derivative from the function's value.
double slope(const std::string& kind, double y) {
  if (kind == "relu") return y > 0 ? 1 : 0;
  if (kind == "sigmoid") return y * (1 - y);
  return kind == "tanh" ? 1 - y * y : 1;
}

// The outputs of the windows, and whether each stored index has its window's largest value, but for rounding.
std::vector<double> pooled(const ConvCase& c, const std::vector<double>& y, const std::vector<uint8_t>& index) {
  const int rows = c.out_h() / c.pool_rows;
  const int columns = c.out_w() / c.pool_columns;
  std::vector<double> result;
  size_t wrong = 0;
  for (int i = 0; i < c.images * rows * columns * c.filters; ++i) {
    const int image = i / (rows * columns * c.filters);
    const int row = i / (columns * c.filters) % rows * c.pool_rows;
    const int column = i / c.filters % columns * c.pool_columns;
    const auto cell = [&](int place) {
      const int at = (image * c.out_h() + row + place / c.pool_columns) * c.out_w() + column + place % c.pool_columns;
      return y[static_cast<size_t>(at * c.filters + i % c.filters)];
    };
    double best = cell(0);
    for (int place = 1; place < c.pool_rows * c.pool_columns; ++place) best = std::max(best, cell(place));
    result.push_back(activated(c.activation, best));
    const int place = index[static_cast<size_t>(i)];
    if (place >= c.pool_rows * c.pool_columns || cell(place) < best - 1e-3) ++wrong;
  }
  CHECK(wrong == 0);
  return result;
}

// Limits of the largest and the root-mean-square error. Measured errors are two thirds to nine tenths of these, and
// largest where many tiles are summed.
Errors bounds(int taps) { return taps == 3 ? Errors{1.5e-5, 1.4e-6} : Errors{3.5e-5, 5e-6}; }

// `scale` is the root mean square of the convolution's values.
void check(const ConvCase& c, const std::vector<float>& actual, const std::vector<double>& expected, double scale) {
  const Errors e = errors(actual, expected, scale);
  CAPTURE(c.taps);
  CAPTURE(c.height);
  CAPTURE(c.channels);
  CAPTURE(c.filters);
  CHECK(e.largest < bounds(c.taps).largest);
  CHECK(e.rms < bounds(c.taps).rms);
}

const Numbers kSame3 = {1, 1, 1, 1};
const Numbers kSame5 = {2, 2, 2, 2};

// Sizes that are and aren't multiples of a tile, a vector and a panel; all paddings; one image and several.
std::vector<ConvCase> cases() {
  return {
      {32, 32, 64, 3, 64, kSame3},
      {12, 12, 32, 5, 64, {0, 0, 0, 0}, "linear", 1, 1, 3},
      {17, 13, 31, 3, 33, kSame3, "linear", 1, 1, 2},
      {17, 13, 31, 5, 33, kSame5, "relu", 1, 1, 5},
      {10, 11, 40, 3, 70, {2, 0, 1, 2}, "sigmoid", 1, 1, 4},
      {11, 9, 20, 5, 17, {4, 1, 0, 5}, "tanh", 1, 1, 3},
      {9, 30, 96, 3, 36, {0, 3, 4, 0}, "relu"},
      // Enough tiles for the kernel gradient to be summed in chunks.
      {49, 50, 16, 3, 16, kSame3, "relu", 1, 1, 2},
      {48, 47, 16, 5, 18, kSame5, "linear", 1, 1, 2},
  };
}

// With pooling whose windows lie within a tile, and with others.
std::vector<ConvCase> pooled_cases() {
  return {
      {12, 12, 32, 5, 64, {0, 0, 0, 0}, "relu", 2, 2, 5}, {17, 13, 31, 3, 33, kSame3, "relu", 2, 2, 3},
      {17, 18, 24, 3, 40, {0, 2, 1, 0}, "tanh", 2, 2, 2}, {17, 17, 31, 3, 33, kSame3, "relu", 3, 3, 2},
      {26, 21, 32, 5, 34, kSame5, "sigmoid", 3, 2, 2},    {19, 40, 32, 3, 34, kSame3, "linear", 4, 6, 1},
  };
}

template <typename Type>
uint64_t hash_all(const std::vector<Type>& values, uint64_t from) {
  return hash(values.data(), values.size() * sizeof(Type), from);
}

// Hashes of all cases' results, the same on AVX-512, AVX2, NEON and the scalar target. A change here changes results
// for users and belongs in the change log.
constexpr uint64_t kHash = 17105838064661064051u;

}  // namespace

TEST_CASE("Winograd's convolutions give the same bits for any number of threads and on every instruction set") {
  std::vector<ConvCase> all = cases();
  for (const ConvCase& c : pooled_cases()) all.push_back(c);
  for (const int threads : {1, 2, 3}) {
    uint64_t result = 0;
    for (const ConvCase& c : all) {
      const ConvData d(c);
      ConvRun run(c, d.kernel, d.bias, true);
      run.run(d.x, d.dy, threads);
      result = hash_all(run.index, hash_all(run.y, result));
      result = hash_all(run.d_kernel, hash_all(run.d_x, result));
    }
    CAPTURE(threads);
    CHECK(result == kHash);
  }
}

TEST_CASE("a batch's gradients don't depend on how large a batch is planned for") {
  for (const ConvCase& c : cases()) {
    CAPTURE(c.taps);
    CAPTURE(c.height);
    CAPTURE(c.channels);
    const ConvData d(c);
    ConvRun run(c, d.kernel, d.bias, true);
    run.run(d.x, d.dy, 1);
    ConvRun roomy(c, d.kernel, d.bias, true, 40);
    roomy.run(d.x, d.dy, 1);
    CHECK(same_bits(roomy.d_kernel, run.d_kernel));
    CHECK(same_bits(roomy.d_x, run.d_x));
  }
}

TEST_CASE("Winograd's forward pass is close to a sum in double precision") {
  for (const ConvCase& c : cases()) {
    const ConvData d(c);
    ConvRun run(c, d.kernel, d.bias, false);
    REQUIRE(run.algorithms()[0] == "winograd");
    run.run(d.x, d.dy, 2);
    std::vector<double> y = convolution(c, d);
    const double scale = root_mean_square(y);
    for (double& value : y) value = activated(c.activation, value);
    check(c, run.y, y, scale);
  }
}

TEST_CASE("Winograd's forward pass with pooling stores the largest outputs and their indices") {
  for (const ConvCase& c : pooled_cases()) {
    const ConvData d(c);
    ConvRun run(c, d.kernel, d.bias, true);
    REQUIRE(run.algorithms()[0] == "winograd");
    run.run(d.x, d.dy, 2);
    const std::vector<double> y = convolution(c, d);
    check(c, run.y, pooled(c, y, run.index), root_mean_square(y));
  }
}

TEST_CASE("Winograd's gradients are close to sums in double precision") {
  for (const ConvCase& c : cases()) {
    const ConvData d(c);
    ConvRun run(c, d.kernel, d.bias, true);
    REQUIRE(run.algorithms() == std::vector<std::string>{"winograd", "winograd", "winograd"});
    run.run(d.x, d.dy, 2);
    std::vector<double> d_conv(d.dy.begin(), d.dy.end());
    for (size_t i = 0; i < d_conv.size(); ++i) d_conv[i] *= slope(c.activation, run.y[i]);
    std::vector<double> d_x(d.x.size()), d_kernel(d.kernel.size());
    c.visit([&](size_t in, size_t k, size_t out) {
      d_x[in] += d_conv[out] * d.kernel[k];
      d_kernel[k] += d_conv[out] * d.x[in];
    });
    check(c, run.d_x, d_x, root_mean_square(d_x));
    check(c, run.d_kernel, d_kernel, root_mean_square(d_kernel));
  }
}

TEST_CASE("Winograd declines with the reason") {
  const auto reason = [](const ConvCase& c) {
    const ConvData d(c);
    return ConvRun(c, d.kernel, d.bias, false).reason("winograd");
  };
  CHECK(reason({32, 32, 64, 3, 64}).empty());
  CHECK(reason({28, 28, 1, 5, 32}) ==
        "24x24 outputs of 1 channels for 32 filters: the transforms cost more than they save");
  CHECK(reason({5, 5, 64, 5, 64}) ==
        "1x1 outputs of 64 channels for 64 filters: the transforms cost more than they save");
  CHECK(reason({32, 32, 64, 7, 64}) == "kernel 7x7; takes 3x3 and 5x5");
  ConvCase exact = {32, 32, 64, 3, 64};
  exact.exact = true;
  CHECK(reason(exact) == "exact results are required");
}
