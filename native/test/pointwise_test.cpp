// 1x1 kernels against plain code, bit for bit: each value is one chain of multiply-adds, in the order of channels,
// filters, or cells and then chunks of the batch.
#include <doctest/doctest.h>

#include "test/conv_case.h"
#include "test/support.h"

using namespace convforge;
using namespace convforge::test;

namespace {

std::vector<float> forward(const ConvCase& c, const ConvData& d) {
  std::vector<float> y(c.conv_floats(), 0.0f);
  c.visit([&](size_t in, size_t k, size_t out) { y[out] = std::fma(d.x[in], d.kernel[k], y[out]); });
  for (size_t i = 0; i < y.size(); ++i) {
    y[i] += d.bias[i % d.bias.size()];
    if (c.activation == "relu") y[i] = std::max(y[i], 0.0f);
  }
  return y;
}

// The gradient by the output before its activation, ReLU or none.
std::vector<float> output_gradient(const ConvCase& c, const ConvData& d, const std::vector<float>& y) {
  std::vector<float> dy = d.dy;
  for (size_t i = 0; i < dy.size(); ++i) {
    if (c.activation == "relu" && y[i] <= 0) dy[i] = 0;
  }
  return dy;
}

std::vector<float> input_gradient(const ConvCase& c, const ConvData& d, const std::vector<float>& dy) {
  std::vector<float> dx(c.input_floats(), 0.0f);
  c.visit([&](size_t in, size_t k, size_t out) { dx[in] = std::fma(dy[out], d.kernel[k], dx[in]); });
  return dx;
}

std::vector<float> kernel_gradient(const ConvCase& c, const ConvData& d, const std::vector<float>& dy) {
  const size_t images = static_cast<size_t>(c.images);
  const size_t chunks = std::min<size_t>(16, images);
  std::vector<std::vector<float>> partial(chunks, std::vector<float>(c.kernel_floats(), 0.0f));
  c.visit([&](size_t in, size_t k, size_t out) {
    const size_t image = in / (c.input_floats() / images);
    size_t chunk = 0;
    while (image >= (chunk + 1) * images / chunks) ++chunk;
    partial[chunk][k] = std::fma(d.x[in], dy[out], partial[chunk][k]);
  });
  for (size_t chunk = 1; chunk < chunks; ++chunk) {
    for (size_t i = 0; i < partial[0].size(); ++i) partial[0][i] += partial[chunk][i];
  }
  return partial[0];
}

// One block of cells and several; parts of an image and several images; less than a panel and several.
std::vector<ConvCase> cases() {
  const Numbers none = {0, 0, 0, 0};
  return {
      {1, 1, 3, 1, 5, none, "linear", 1, 1, 7},      {19, 17, 70, 1, 33, none, "relu", 1, 1, 3},
      {32, 32, 256, 1, 64, none, "linear", 1, 1, 2}, {7, 7, 40, 1, 150, none, "relu", 1, 1, 37},
      {4, 3, 64, 1, 24, none, "linear", 1, 1, 20},
  };
}

}  // namespace

TEST_CASE("1x1 convolutions have the bits of their definition, for any number of threads") {
  for (const ConvCase& c : cases()) {
    CAPTURE(c.height);
    CAPTURE(c.channels);
    CAPTURE(c.filters);
    const ConvData d(c);
    ConvRun run(c, d.kernel, d.bias, true);
    REQUIRE(run.algorithms() == std::vector<std::string>(3, "pointwise"));
    const std::vector<float> y = forward(c, d);
    const std::vector<float> dy = output_gradient(c, d, y);
    for (const int threads : {1, 3}) {
      run.run(d.x, d.dy, threads);
      CHECK(same_bits(run.y, y));
      CHECK(same_bits(run.d_x, input_gradient(c, d, dy)));
      CHECK(same_bits(run.d_kernel, kernel_gradient(c, d, dy)));
    }
  }
}

TEST_CASE("a 1x1 kernel can be followed by a sigmoid") {
  const ConvCase c = {9, 11, 20, 1, 40, {0, 0, 0, 0}, "sigmoid", 1, 1, 2};
  const ConvData d(c);
  ConvRun run(c, d.kernel, d.bias, true);
  run.run(d.x, d.dy, 2);
  const std::vector<float> linear = forward(c, d);
  float largest = 0;
  for (size_t i = 0; i < linear.size(); ++i)
    largest = std::max(largest, std::fabs(run.y[i] - 1 / (1 + std::exp(-linear[i]))));
  CHECK(largest < 1e-6f);
}

TEST_CASE("the pointwise algorithm declines with the reason") {
  const auto reason = [](const ConvCase& c) {
    const ConvData d(c);
    return ConvRun(c, d.kernel, d.bias, true).reason("pointwise");
  };
  CHECK(reason({9, 9, 3, 2, 4}) == "kernel 2x2; takes 1x1");
  CHECK(reason({9, 9, 3, 1, 4, {0, 1, 0, 0}}) == "its input is padded");
  CHECK(reason({8, 8, 3, 1, 4, {0, 0, 0, 0}, "relu", 2, 2}) == "its output is pooled on the way");
}
