// The kernels of normalizations: the same bits on every instruction set, and close to double precision however large
// the mean is.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "targets/dispatch.h"
#include "test/support.h"

using namespace convforge;
using namespace convforge::test;

namespace {

struct Size {
  int rows, channels, extra;
};

constexpr Size kSizes[] = {{1, 1, 0},   {1, 64, 0},    {2, 3, 1},    {63, 17, 0},   {64, 16, 5},
                           {65, 33, 0}, {200, 130, 2}, {129, 64, 0}, {2000, 20, 0}, {5, 300, 0}};

struct Exact {
  double mean = 0;
  double squares = 0;
};

Exact moments_of(const float* x, int n, ptrdiff_t next) {
  Exact exact;
  for (int i = 0; i < n; ++i) exact.mean += x[i * next] / static_cast<double>(n);
  for (int i = 0; i < n; ++i) exact.squares += (x[i * next] - exact.mean) * (x[i * next] - exact.mean);
  return exact;
}

std::vector<float> around(float centre, size_t n) {
  Random random(static_cast<uint32_t>(n));
  std::vector<float> x = random.uniforms(n);
  for (float& value : x) value += centre;
  return x;
}

void check_moments(float mean, float squares, const Exact& exact, double centre) {
  CHECK(std::fabs(mean - exact.mean) <= 1e-7 * std::fabs(centre) + 1e-6);
  CHECK(std::fabs(squares - exact.squares) <= 1e-5 * exact.squares + 1e-6);
}

float relu_of(bool relu, float before, float dy) { return relu && !(before > 0) ? 0.0f : dy; }

}  // namespace

TEST_CASE("channel_moments are those of double precision, also far from zero") {
  for (const Size& size : kSizes) {
    for (const float centre : {0.0f, 3000.0f}) {
      const ptrdiff_t row = size.channels + size.extra;
      const std::vector<float> x = around(centre, static_cast<size_t>(row * size.rows));
      std::vector<float> first;
      for (const KernelTable* k : supported_kernels()) {
        CAPTURE(std::string(k->name));
        CAPTURE(size.rows);
        CAPTURE(size.channels);
        Guarded mean(static_cast<size_t>(size.channels), 7.0f);
        Guarded squares(static_cast<size_t>(size.channels), 7.0f);
        ChannelMoments m;
        m.x = x.data();
        m.row = row;
        m.rows = size.rows;
        m.channels = size.channels;
        m.mean = mean.data();
        m.squares = squares.data();
        k->channel_moments(m);
        CHECK(mean.intact());
        CHECK(squares.intact());
        for (int c = 0; c < size.channels; ++c)
          check_moments(mean.data()[c], squares.data()[c], moments_of(x.data() + c, size.rows, row), centre);
        std::vector<float> all = mean.values();
        for (const float value : squares.values()) all.push_back(value);
        if (first.empty()) first = all;
        CHECK(same_bits(all, first));
      }
    }
  }
}

TEST_CASE("row_moments are those of double precision, also far from zero") {
  for (const int n : {1, 2, 31, 32, 33, 64, 100, 4096}) {
    for (const float centre : {0.0f, -3000.0f}) {
      const std::vector<float> x = around(centre, static_cast<size_t>(n));
      const Exact exact = moments_of(x.data(), n, 1);
      std::vector<float> first;
      for (const KernelTable* k : supported_kernels()) {
        CAPTURE(std::string(k->name));
        CAPTURE(n);
        std::vector<float> both(2);
        k->row_moments(x.data(), n, &both[0], &both[1]);
        check_moments(both[0], both[1], exact, centre);
        if (first.empty()) first = both;
        CHECK(same_bits(both, first));
      }
    }
  }
}

TEST_CASE("channels are normalized, and their gradients summed, like plain code") {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  struct Relu {
    bool on;
    float maximum;
  };
  for (const Size& size : kSizes) {
    for (const auto [relu, maximum] : {Relu{false, kInfinity}, Relu{true, kInfinity}, Relu{true, 0.5f}}) {
      const ptrdiff_t row = size.channels + size.extra;
      Random random(static_cast<uint32_t>(row * size.rows));
      const size_t n = static_cast<size_t>(row * size.rows);
      const size_t channels = static_cast<size_t>(size.channels);
      const std::vector<float> x = random.uniforms(n), dy = random.uniforms(n);
      const std::vector<float> mean = random.uniforms(channels), scale = random.uniforms(channels),
                               shift = random.uniforms(channels), add = random.uniforms(channels),
                               times = random.uniforms(channels);
      std::vector<float> y(n, 7.0f), dx(n, 7.0f), sum(channels), product(channels);
      for (int r = 0; r < size.rows; ++r) {
        for (size_t c = 0; c < channels; ++c) {
          const size_t at = static_cast<size_t>(r * row) + c;
          const float distance = x[at] - mean[c];
          const float before = std::fma(distance, scale[c], shift[c]);
          y[at] = relu ? std::clamp(before, 0.0f, maximum) : before;
          const float g = before < maximum ? relu_of(relu, before, dy[at]) : 0.0f;
          sum[c] += g;
          product[c] = std::fma(g, distance, product[c]);
          dx[at] = std::fma(scale[c], g, std::fma(times[c], distance, add[c]));
        }
      }
      for (const KernelTable* k : supported_kernels()) {
        CAPTURE(std::string(k->name));
        CAPTURE(size.rows);
        CAPTURE(size.channels);
        ChannelGradient g;
        g.x = x.data();
        g.row = row;
        g.rows = size.rows;
        g.channels = size.channels;
        g.mean = mean.data();
        g.scale = scale.data();
        g.shift = shift.data();
        g.relu = relu;
        g.maximum = maximum;
        g.dy = dy.data();
        Guarded got_y(n, 7.0f), got_dx(n, 7.0f), got_sum(channels), got_product(channels);
        k->channel_normalize(g, got_y.data());
        g.sum = got_sum.data();
        g.product = got_product.data();
        k->channel_gradient_sums(g);
        std::vector<float> part = add, product_part = times;
        g.sum = part.data();
        g.product = product_part.data();
        k->channel_gradient(g, got_dx.data());
        CHECK(same_bits(got_y.values(), y));
        CHECK(same_bits(got_sum.values(), sum));
        CHECK(same_bits(got_product.values(), product));
        CHECK(same_bits(got_dx.values(), dx));
        CHECK((got_y.intact() && got_sum.intact() && got_product.intact() && got_dx.intact()));
      }
    }
  }
}

TEST_CASE("channels are normalized with non-temporal stores to the same bits") {
  constexpr int kRows = 7, kChannels = 48;
  Random random(3);
  const std::vector<float> x = random.uniforms(kRows * kChannels), dy = random.uniforms(kRows * kChannels),
                           by = random.uniforms(kChannels);
  for (const KernelTable* k : supported_kernels()) {
    for (const bool relu : {false, true}) {
      alignas(64) float y[2][kRows * kChannels], dx[2][kRows * kChannels];
      std::vector<float> sum = by, product = by;
      for (const bool stream : {false, true}) {
        ChannelGradient g;
        g.x = x.data();
        g.row = kChannels;
        g.rows = kRows;
        g.channels = kChannels;
        g.mean = g.scale = g.shift = by.data();
        g.relu = relu;
        g.stream = stream;
        g.dy = dy.data();
        g.sum = sum.data();
        g.product = product.data();
        k->channel_normalize(g, y[stream]);
        k->channel_gradient(g, dx[stream]);
      }
      CHECK(std::equal(y[0], y[0] + kRows * kChannels, y[1]));
      CHECK(std::equal(dx[0], dx[0] + kRows * kChannels, dx[1]));
    }
  }
}

TEST_CASE("rows are normalized, and their gradients summed, like plain code") {
  for (const int n : {1, 16, 31, 32, 33, 95, 300}) {
    Random random(static_cast<uint32_t>(n));
    const size_t size = static_cast<size_t>(n);
    const std::vector<float> x = random.uniforms(size), dy = random.uniforms(size), gamma = random.uniforms(size),
                             beta = random.uniforms(size);
    RowGradient r;
    r.x = x.data();
    r.n = n;
    r.mean = 0.25f;
    r.inverse = 1.75f;
    r.gamma = gamma.data();
    r.beta = beta.data();
    r.dy = dy.data();
    std::vector<float> y(size), dx(size), gamma_sum(size, 2.0f), beta_sum(size, 3.0f);
    double sum = 0;
    double product = 0;
    for (size_t i = 0; i < size; ++i) {
      const float distance = x[i] - r.mean;
      const float normalized = distance * r.inverse;
      const float g = dy[i] * gamma[i];
      y[i] = std::fma(normalized, gamma[i], beta[i]);
      dx[i] = std::fma(r.inverse, g, std::fma(-0.5f, distance, 0.125f));
      gamma_sum[i] = std::fma(dy[i], normalized, gamma_sum[i]);
      beta_sum[i] = dy[i] + beta_sum[i];
      sum += g;
      product += static_cast<double>(g) * distance;
    }
    std::vector<float> first;
    for (const KernelTable* k : supported_kernels()) {
      CAPTURE(std::string(k->name));
      CAPTURE(n);
      Guarded got_y(size), got_dx(size), got_gamma(std::vector<float>(size, 2.0f)),
          got_beta(std::vector<float>(size, 3.0f));
      std::vector<float> sums(2);
      k->row_normalize(r, got_y.data());
      k->row_gradient_sums(r, &sums[0], &sums[1]);
      k->row_parameter_sums(r, got_gamma.data(), got_beta.data());
      k->row_gradient(r, 0.125f, -0.5f, got_dx.data());
      CHECK(same_bits(got_y.values(), y));
      CHECK(same_bits(got_dx.values(), dx));
      CHECK(same_bits(got_gamma.values(), gamma_sum));
      CHECK(same_bits(got_beta.values(), beta_sum));
      CHECK((got_y.intact() && got_dx.intact() && got_gamma.intact() && got_beta.intact()));
      CHECK(std::fabs(sums[0] - sum) <= 1e-6 * n);
      CHECK(std::fabs(sums[1] - product) <= 1e-6 * n);
      if (first.empty()) first = sums;
      CHECK(same_bits(sums, first));
    }
  }
}
