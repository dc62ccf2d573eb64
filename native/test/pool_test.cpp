// Rows of pooling windows and their gradients, against plain code and bit for bit on every instruction set.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "runtime/memory.h"
#include "targets/dispatch.h"
#include "test/support.h"

using namespace convforge;
using namespace convforge::test;

TEST_CASE("max_unpool_u8 passes each window's gradient to its winning cell alone") {
  constexpr int kRows = 2, kColumns = 7;
  const std::vector<int32_t> begin = {0, 2, 4};
  const std::vector<int32_t> end = {2, 4, 7};
  for (const int channels : {1, 5, 16, 67}) {
    Random random(static_cast<uint32_t>(channels));
    const size_t out = 3 * static_cast<size_t>(channels);
    const std::vector<float> dy = random.uniforms(out);
    std::vector<uint8_t> index;
    for (size_t at = 0; at < out; ++at) {
      const size_t o = at / static_cast<size_t>(channels);
      index.push_back(static_cast<uint8_t>(random.word() % static_cast<uint32_t>(kRows * (end[o] - begin[o]))));
    }
    std::vector<float> expected(static_cast<size_t>(kRows * kColumns * channels));
    for (size_t at = 0; at < out; ++at) {
      const size_t o = at / static_cast<size_t>(channels);
      const int columns = end[o] - begin[o];
      const int cell = index[at] / columns * kColumns + begin[o] + index[at] % columns;
      expected[static_cast<size_t>(cell * channels) + at % static_cast<size_t>(channels)] = dy[at];
    }
    expect_same_bits([&](const KernelTable& k) {
      Guarded dx(expected.size(), 7.0f);
      UnpoolRow u;
      u.dy = dy.data();
      u.dy_column = channels;
      u.rows = kRows;
      u.outputs = 3;
      u.column_begin = begin.data();
      u.column_end = end.data();
      u.channels = channels;
      u.dx = dx.data();
      u.dx_row = kColumns * channels;
      u.dx_column = channels;
      k.max_unpool_u8(u, index.data());
      Memory streamed(expected.size() * sizeof(float));
      u.dx = streamed.floats();
      u.stream = channels % 16 == 0;
      k.max_unpool_u8(u, index.data());
      CHECK(std::memcmp(streamed.data(), expected.data(), expected.size() * sizeof(float)) == 0);
      CHECK(dx.intact());
      CHECK(same_bits(dx.values(), expected));
      return dx.values();
    });
  }
}

// Three windows over a row of 7 columns, of which the first two overlap, and the factors of their sums.
constexpr int kNone = 0, kRows = 3, kColumns = 7, kOutputs = 3;
constexpr int32_t kBegin[] = {0, 1, 4};
constexpr int32_t kEnd[] = {2, 4, 7};
constexpr float kFactors[] = {0.5f, 1.0f, 0.25f};

struct Pooled {
  std::vector<float> maximum, sum, dx, dsum;
};

Pooled plain_pooling(const std::vector<float>& x, const std::vector<float>& dy, int channels) {
  Pooled y = {std::vector<float>(dy.size()), std::vector<float>(dy.size()), std::vector<float>(x.size()),
              std::vector<float>(x.size())};
  for (int o = 0; o < kOutputs; ++o) {
    for (int c = 0; c < channels; ++c) {
      const size_t out = static_cast<size_t>(o * channels + c);
      float best = -1e9f, total = 0;
      size_t where = 0;
      for (int i = 0; i < kRows; ++i) {
        for (int j = kBegin[o]; j < kEnd[o]; ++j) {
          const size_t at = static_cast<size_t>((i * kColumns + j) * channels + c);
          total += x[at];
          y.dsum[at] += dy[out] * kFactors[o];
          if (x[at] <= best) continue;
          best = x[at];
          where = at;
        }
      }
      y.maximum[out] = best;
      y.sum[out] = total * kFactors[o];
      y.dx[where] += dy[out];
    }
  }
  return y;
}

TEST_CASE("pooling rows: maximum with the first of ties, sums, and their gradients") {
  const int32_t over_begin[] = {0, 0, 1, 1, 2, 2, 2};
  const int32_t over_end[] = {1, 2, 2, 2, 3, 3, 3};
  const int32_t over_rows_begin[] = {0, 0, 0};
  const int32_t over_rows_end[] = {1, 1, 1};
  for (const int channels : {1, 4, 5, 16, 19}) {
    Random random(static_cast<uint32_t>(channels));
    const size_t out = kOutputs * static_cast<size_t>(channels);
    // Few distinct values, so that there are ties.
    const std::vector<float> x = random.wholes(kRows * kColumns * static_cast<size_t>(channels), 3);
    const std::vector<float> dy = random.uniforms(out);
    const Pooled expected = plain_pooling(x, dy, channels);
    expect_same_bits([&](const KernelTable& k) {
      PoolRow p;
      p.x = x.data();
      p.x_row = kColumns * channels;
      p.x_column = channels;
      p.rows = kRows;
      p.outputs = kOutputs;
      p.column_begin = kBegin;
      p.column_end = kEnd;
      p.channels = channels;
      p.y_column = channels;
      Guarded maximum(out), same(out), sum(out), dx(x.size(), 7.0f), dx8(x.size(), 7.0f), dsum(x.size(), 7.0f);
      Memory streamed_dx(x.size() * sizeof(float));
      std::vector<int32_t> index(out);
      std::vector<uint8_t> index8(out);
      p.y = maximum.data();
      k.max_pool_i32(p, index.data());
      p.y = same.data();
      k.max_pool_u8(p, index8.data());
      p.y = sum.data();
      k.sum_pool(p, kFactors);
      PoolGradient g;
      g.dy = dy.data();
      g.outputs = kOutputs;
      g.rows = {&kNone, &kRows};
      g.columns = {kBegin, kEnd};
      g.over_rows = {over_rows_begin, over_rows_end};
      g.over_columns = {over_begin, over_end};
      g.row_end = kRows;
      g.width = kColumns;
      g.channels = channels;
      g.dx = dx.data();
      k.max_pool_gradient_i32(g, index.data());
      g.dx = dx8.data();
      k.max_pool_gradient_u8(g, index8.data());
      g.dx = dsum.data();
      k.sum_pool_gradient(g, kFactors);
      g.dx = streamed_dx.floats();
      g.stream = channels % 16 == 0;
      k.max_pool_gradient_u8(g, index8.data());

      CHECK(maximum.values() == expected.maximum);
      CHECK(sum.values() == expected.sum);
      CHECK(std::equal(index.begin(), index.end(), index8.begin()));
      CHECK(same_bits(dx.values(), expected.dx));
      CHECK(same_bits(dx8.values(), expected.dx));
      CHECK(std::memcmp(streamed_dx.data(), expected.dx.data(), x.size() * sizeof(float)) == 0);
      CHECK(same_bits(dsum.values(), expected.dsum));
      CHECK(same_bits(same.values(), maximum.values()));
      for (const Guarded* g : {&maximum, &same, &sum, &dx, &dx8, &dsum}) CHECK(g->intact());
      return maximum.values();
    });
  }
}

TEST_CASE("a window with a NaN has the maximum NaN and the last NaN's index") {
  static constexpr int kColumns = 4;
  const std::vector<int32_t> begin = {0};
  const std::vector<int32_t> end = {kColumns};
  for (const int channels : {1, 5, 16, 67}) {
    for (int cell = 0; cell < 2 * kColumns; ++cell) {
      for (int other = cell; other < 2 * kColumns; ++other) {
        const size_t row = static_cast<size_t>(channels);
        std::vector<float> x(2 * kColumns * row, 1.0f);
        std::fill_n(x.begin() + cell * channels, channels, NAN);
        std::fill_n(x.begin() + other * channels, channels, NAN);
        for (const KernelTable* table : supported_kernels()) {
          std::vector<float> y(row);
          std::vector<int32_t> index(row);
          std::vector<uint8_t> index8(row);
          PoolRow p;
          p.x = x.data();
          p.x_row = kColumns * channels;
          p.x_column = channels;
          p.rows = 2;
          p.outputs = 1;
          p.column_begin = begin.data();
          p.column_end = end.data();
          p.channels = channels;
          p.y = y.data();
          p.y_column = channels;
          table->max_pool_i32(p, index.data());
          CHECK(std::all_of(y.begin(), y.end(), [](float value) { return std::isnan(value); }));
          CHECK(std::all_of(index.begin(), index.end(), [=](int32_t place) { return place == other; }));
          table->max_pool_u8(p, index8.data());
          CHECK(std::all_of(index8.begin(), index8.end(), [=](uint8_t place) { return place == other; }));
          std::fill(y.begin(), y.end(), 0.0f);
          table->max_pool_u8(p, nullptr);
          CHECK(std::all_of(y.begin(), y.end(), [](float value) { return std::isnan(value); }));
        }
      }
    }
  }
}
