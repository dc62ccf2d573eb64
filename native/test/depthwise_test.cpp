// The depthwise kernels against plain code, bit for bit: the order of the multiply-adds is fixed.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "targets/dispatch.h"
#include "test/support.h"

using namespace convforge;
using namespace convforge::test;

namespace {

struct Case {
  int width, channels, rows, columns, first, stride, dilation, outputs;
};

constexpr Case kCases[] = {
    {9, 128, 3, 3, -1, 1, 1, 9},  {17, 130, 3, 3, -1, 1, 1, 17}, {12, 31, 3, 3, 0, 1, 1, 10},
    {1, 3, 2, 3, -1, 1, 1, 1},    {8, 33, 5, 5, -2, 1, 1, 8},    {3, 16, 4, 5, -2, 1, 1, 3},
    {21, 40, 1, 3, -3, 1, 1, 25}, {9, 16, 3, 3, -1, 2, 1, 5},    {11, 1, 2, 4, -2, 3, 2, 4},
    {14, 17, 7, 7, -3, 1, 1, 14}, {13, 18, 3, 3, -2, 1, 2, 13},  {40, 5, 3, 1, 0, 1, 1, 40},
    {6, 32, 0, 3, -1, 1, 1, 6},   {6, 20, 3, 0, 0, 1, 1, 6},
};

// The arrays of one case. Kernels and their gradients are packed in panels.
struct Arrays {
  explicit Arrays(const Case& c)
      : random(static_cast<uint32_t>(c.width * 1000 + c.channels)),
        x_row(static_cast<ptrdiff_t>(c.width) * c.channels + 5),
        w_panel(static_cast<ptrdiff_t>(c.rows) * c.columns * kPanel),
        x(random.uniforms(static_cast<size_t>(x_row * c.rows + 1))),
        w(random.uniforms(static_cast<size_t>(w_panel * ((c.channels + kPanel - 1) / kPanel)))),
        bias(random.uniforms(static_cast<size_t>(c.channels))) {}

  void set(DepthwiseWindows& d, const Case& c) const {
    d.x = x.data();
    d.x_row = x_row;
    d.width = c.width;
    d.channels = c.channels;
    d.rows = c.rows;
    d.columns = c.columns;
    d.first = c.first;
    d.stride = c.stride;
    d.dilation = c.dilation;
    d.w_panel = w_panel;
    d.w_row = static_cast<ptrdiff_t>(c.columns) * kPanel;
    d.w_column = kPanel;
    d.outputs = c.outputs;
  }
  float x_at(const Case& c, int i, int column, int channel) const {
    return x[static_cast<size_t>(i * x_row + column * c.channels + channel)];
  }
  size_t w_index(const Case& c, int i, int j, int channel) const {
    return static_cast<size_t>(channel / kPanel * w_panel + (i * c.columns + j) * kPanel + channel % kPanel);
  }

  Random random;
  ptrdiff_t x_row;
  ptrdiff_t w_panel;
  std::vector<float> x, w, bias;
};

template <typename Visit>
void each_tap(const Case& c, int output, Visit visit) {
  for (int i = 0; i < c.rows; ++i) {
    for (int j = 0; j < c.columns; ++j) {
      const int column = c.first + output * c.stride + j * c.dilation;
      if (column >= 0 && column < c.width) visit(i, j, column);
    }
  }
}

}  // namespace

constexpr float kMaximum = 0.75f;  // of ReLU

TEST_CASE("depthwise is a chain of fused multiply-adds over each window's cells, then bias and relu") {
  for (const Case& c : kCases) {
    const Arrays arrays(c);
    for (const bool finish : {false, true}) {
      std::vector<float> expected(static_cast<size_t>(c.outputs * c.channels));
      for (int o = 0; o < c.outputs; ++o) {
        for (int channel = 0; channel < c.channels; ++channel) {
          float sum = 0;
          each_tap(c, o, [&](int i, int j, int column) {
            sum = std::fma(arrays.x_at(c, i, column, channel), arrays.w[arrays.w_index(c, i, j, channel)], sum);
          });
          if (finish) sum = std::clamp(sum + arrays.bias[static_cast<size_t>(channel)], 0.0f, kMaximum);
          expected[static_cast<size_t>(o * c.channels + channel)] = sum;
        }
      }
      for (const KernelTable* k : supported_kernels()) {
        CAPTURE(std::string(k->name));
        CAPTURE(c.channels);
        CAPTURE(c.width);
        Guarded y(expected.size(), 7.0f);
        DepthwiseRow d;
        arrays.set(d, c);
        d.next_x = arrays.x.data();
        d.w = arrays.w.data();
        d.y = y.data();
        d.y_column = c.channels;
        d.bias = finish ? arrays.bias.data() : nullptr;
        d.relu = finish;
        d.maximum = kMaximum;
        k->depthwise(d);
        CHECK(y.intact());
        CHECK(same_bits(y.values(), expected));
      }
    }
  }
}

TEST_CASE("depthwise with non-temporal stores writes the same") {
  const Case c = {10, 48, 3, 3, -1, 1, 1, 10};
  const Arrays arrays(c);
  for (const KernelTable* k : supported_kernels()) {
    alignas(64) float y[2][480] = {};
    DepthwiseRow d;
    arrays.set(d, c);
    d.w = arrays.w.data();
    d.y_column = c.channels;
    for (const bool stream : {false, true}) {
      d.y = y[stream];
      d.stream = stream;
      k->depthwise(d);
    }
    CHECK(std::memcmp(y[0], y[1], sizeof(y[0])) == 0);
    CHECK(y[0][0] != 0.0f);
  }
}

TEST_CASE("depthwise_gradient adds each window's part in order") {
  for (const Case& c : kCases) {
    Arrays arrays(c);
    const std::vector<float> dy = arrays.random.uniforms(static_cast<size_t>(c.outputs * c.channels));
    std::vector<float> expected = arrays.w;
    for (int o = 0; o < c.outputs; ++o) {
      each_tap(c, o, [&](int i, int j, int column) {
        for (int channel = 0; channel < c.channels; ++channel) {
          float& sum = expected[arrays.w_index(c, i, j, channel)];
          sum = std::fma(arrays.x_at(c, i, column, channel), dy[static_cast<size_t>(o * c.channels + channel)], sum);
        }
      });
    }
    for (const KernelTable* k : supported_kernels()) {
      CAPTURE(std::string(k->name));
      CAPTURE(c.channels);
      CAPTURE(c.width);
      Guarded dw(arrays.w);
      DepthwiseGradientRow d;
      arrays.set(d, c);
      d.next_x = arrays.x.data();
      d.next_dy = dy.data();
      d.dy = dy.data();
      d.dw = dw.data();
      k->depthwise_gradient(d);
      CHECK(dw.intact());
      CHECK(same_bits(dw.values(), expected));
    }
  }
}

TEST_CASE("repeat writes each value several times in a row") {
  Random random(5);
  for (const size_t n : {size_t{1}, size_t{7}, size_t{33}}) {
    const std::vector<float> x = random.uniforms(n);
    for (const int times : {1, 2, 3, 8, 17, 40}) {
      for (const KernelTable* k : supported_kernels()) {
        Guarded y(n * static_cast<size_t>(times));
        k->repeat(x.data(), y.data(), n, times);
        CHECK(y.intact());
        bool same = true;
        for (size_t i = 0; i < n * static_cast<size_t>(times); ++i)
          same = same && y.data()[i] == x[i / static_cast<size_t>(times)];
        CHECK(same);
      }
    }
  }
}
