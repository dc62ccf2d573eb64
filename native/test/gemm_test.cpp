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
  int m, n, depth, segments;
  bool row_one;  // the rows of A are adjacent in memory
  bool accumulate, bias, relu;
  int strips = 1;
  bool packed = false;
};

// The contract literally: a chain of fused multiply-adds in the order of segments and depth.
std::vector<float> expected(const Gemm& g, const std::vector<float>& c) {
  std::vector<float> result = c;
  for (int row = 0; row < g.strips * g.m; ++row) {
    const int t = row / g.m;
    const int i = row % g.m;
    for (int j = 0; j < g.n; ++j) {
      const size_t place = static_cast<size_t>(row * g.c_row + j / kPanel * g.c_panel + j % kPanel);
      float sum = g.accumulate ? c[place] : 0.0f;
      for (int s = 0; s < g.segments; ++s) {
        const float* a = g.a + (g.a_strips ? g.a_strips[t] : 0) + (g.a_segments ? g.a_segments[s] : 0) + i * g.a_row;
        const float* b = g.b + s * g.b_segment + j / kPanel * g.b_panel + j % kPanel;
        for (int k = 0; k < g.depth; ++k) sum = std::fma(a[k * g.a_depth], b[k * g.b_depth], sum);
      }
      if (g.bias) sum += g.bias[j];
      result[place] = g.relu ? std::clamp(sum, 0.0f, g.maximum) : sum;
    }
  }
  return result;
}

void check(const KernelTable& table, const Case& c, bool whole_numbers) {
  CAPTURE(std::string(table.name));
  CAPTURE(c.m);
  CAPTURE(c.n);
  CAPTURE(c.depth);
  CAPTURE(c.segments);
  CAPTURE(c.row_one);
  CAPTURE(c.strips);
  CAPTURE(c.packed);
  Random random(static_cast<uint32_t>(c.m * 131 + c.n * 7 + c.depth));
  const auto numbers = [&](size_t n) { return whole_numbers ? random.wholes(n, 8) : random.uniforms(n); };
  Gemm g;
  g.m = c.m;
  g.n = c.n;
  g.depth = c.depth;
  g.segments = c.segments;
  g.a_row = c.row_one ? 1 : c.depth + 3;
  g.a_depth = c.row_one ? c.m + 2 : 1;
  const ptrdiff_t a_segment = c.row_one ? g.a_depth * c.depth : g.a_row * c.m;
  std::vector<ptrdiff_t> segments;
  for (int s = 0; s < c.segments; ++s) segments.push_back((c.segments - 1 - s) * a_segment);
  g.a_segments = c.segments == 1 ? nullptr : segments.data();
  // The strips' rows overlap, as those of a convolution do.
  const ptrdiff_t a_strip = 5;
  g.strips = c.strips;
  std::vector<ptrdiff_t> strips;
  for (int t = 0; t < c.strips; ++t) strips.push_back((c.strips - 1 - t) * a_strip);
  g.a_strips = c.strips == 1 ? nullptr : strips.data();
  const std::vector<float> a = numbers(static_cast<size_t>(a_segment * c.segments + a_strip * (c.strips - 1)));
  g.a = a.data();
  // B ends exactly where the contract allows, so AddressSanitizer shows reads past its end.
  g.b_depth = c.n;
  g.b_segment = static_cast<ptrdiff_t>(c.n) * c.depth;
  const std::vector<float> b =
      numbers(static_cast<size_t>(c.n) * static_cast<size_t>(c.depth) * static_cast<size_t>(c.segments));
  g.b = b.data();
  const std::vector<float> bias = numbers(static_cast<size_t>(c.n));
  g.bias = c.bias ? bias.data() : nullptr;
  g.accumulate = c.accumulate;
  g.relu = c.relu;
  if (c.m % 2 == 0) g.maximum = 0.5f;
  g.c_row = c.n + 1;
  Guarded result(numbers(static_cast<size_t>(g.c_row * c.m * c.strips)));
  std::vector<float> scratch(c.packed ? kGemmScratch : 0);
  if (c.packed) g.scratch = scratch.data();
  const std::vector<float> reference = expected(g, result.values());
  g.c = result.data();
  table.gemm(g);
  CHECK(result.intact());
  CHECK(same_bits(result.values(), reference));
}

}  // namespace

TEST_CASE("gemm gives the bits of its definition on every instruction set, for all tails") {
  for (const KernelTable* table : supported_kernels()) {
    const int v = table->lanes;
    for (const int m : {1, 2, 3, 5, 6, 7, 12, 13, 14, 16, 17, 25}) {
      for (const int n : {1, v - 1, v, v + 1, 2 * v - 1, 2 * v, 2 * v + 1, 3 * v, 3 * v + 2}) {
        if (n < 1) continue;
        check(*table, {m, n, 5, 1, false, false, false, false}, false);
        check(*table, {m, n, 4, 3, true, true, false, false}, false);
      }
    }
  }
}

TEST_CASE("gemm: segments, accumulation, bias and relu in all combinations") {
  for (const KernelTable* table : supported_kernels()) {
    for (int bits = 0; bits < 16; ++bits) {
      check(*table, {7, 37, 9, bits & 1 ? 4 : 1, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, (bits & 8) != 0},
            bits % 3 == 0);
    }
    check(*table, {3, 5, 0, 1, false, false, true, false}, false);  // an empty sum
    // Depths that are cache-blocked on targets with small tiles.
    check(*table, {13, 37, 1024, 1, false, false, true, true}, false);
    check(*table, {13, 37, 1500, 1, true, true, true, true}, false);
  }
}

TEST_CASE("gemm: strips of rows, packed and in place") {
  for (const KernelTable* table : supported_kernels()) {
    for (const bool packed : {false, true}) {
      for (const bool row_one : {false, true}) {
        for (const int n : {1, 7, 8, 9, 16, 17, 20, 31, 32, 33, 64, 75, 128, 146}) {
          for (const int m : {1, 5, 6, 7, 13, 32})
            check(*table, {m, n, 9, 5, row_one, m % 2 == 0, n % 2 == 0, m > 5, 7, packed}, false);
        }
        // From 128 columns on, A is packed too. Then blocks of whole segments, parts of segments, and more rows than a
        // block of A has.
        check(*table, {29, 37, 40, 17, row_one, false, true, true, 3, packed}, false);
        check(*table, {25, 37, 700, 3, row_one, false, true, true, 2, packed}, false);
        for (const int n : {40, 139}) check(*table, {213, n, 31, 9, row_one, true, false, false, 2, packed}, false);
      }
    }
  }
}

TEST_CASE("gemm: panels of B and C apart from each other") {
  constexpr int kColumns = 2 * kPanel + 5;
  constexpr int kDepth = 11;
  constexpr int kRows = 26;
  Random random(5);
  const std::vector<float> a = random.uniforms(kRows * kDepth);
  const std::vector<float> b = random.uniforms(3 * kDepth * kPanel);
  std::vector<float> scratch(kGemmScratch);
  for (const KernelTable* table : supported_kernels()) {
    for (float* const packing : {static_cast<float*>(nullptr), scratch.data()}) {
      Guarded result(random.uniforms(3 * kRows * kPanel));
      Gemm g;
      g.m = kRows;
      g.n = kColumns;
      g.depth = kDepth;
      g.a = a.data();
      g.a_row = kDepth;
      g.a_depth = 1;
      g.b = b.data();
      g.b_depth = kPanel;
      g.b_panel = kDepth * kPanel;
      g.c = result.data();
      g.c_row = kPanel;
      g.c_panel = kRows * kPanel;
      g.scratch = packing;
      const std::vector<float> reference = expected(g, result.values());
      table->gemm(g);
      CHECK(result.intact());
      CHECK(same_bits(result.values(), reference));
    }
  }
}

TEST_CASE("gemm: rows of many strips, in several blocks of rows and depth") {
  for (const KernelTable* table : supported_kernels()) {
    for (const int n : {3, 16, 20, 24, 57}) {
      // 7-column strips leave no tile that fits one strip.
      check(*table, {7, n, 3, 9, false, false, true, true, 75, true}, false);
      check(*table, {7, n, 90, 7, false, true, false, false, 75, true}, false);
      check(*table, {257, n, 300, 1, true, false, true, false, 1, true}, false);
    }
  }
}

TEST_CASE("gemm: prefetches and non-temporal stores change no bits") {
  constexpr int kRows = 130;
  constexpr int kDepth = 40;
  constexpr int kColumns = 48;
  struct alignas(64) Line {
    float floats[16];
  };
  Random random(6);
  const std::vector<float> a = random.uniforms(kRows * kDepth);
  const std::vector<float> b = random.uniforms(2 * kDepth * kPanel);
  std::vector<float> scratch(kGemmScratch);
  for (const KernelTable* table : supported_kernels()) {
    for (const bool row_one : {false, true}) {
      std::vector<Line> lines(kRows * kColumns / 16);
      Gemm g;
      g.m = kRows;
      g.n = kColumns;
      g.depth = kDepth;
      g.a = a.data();
      g.a_row = row_one ? 1 : kDepth;
      g.a_depth = row_one ? kRows : 1;
      g.b = b.data();
      g.b_depth = kPanel;
      g.b_panel = kDepth * kPanel;
      g.c = lines[0].floats;
      g.c_row = kColumns;
      g.a_prefetch = kRows * kDepth;
      g.b_prefetch = 2 * kDepth * kPanel;
      g.stream = true;
      g.scratch = scratch.data();
      const std::vector<float> reference = expected(g, std::vector<float>(kRows * kColumns));
      table->gemm(g);
      CHECK(same_bits({g.c, g.c + kRows * kColumns}, reference));
    }
  }
}

TEST_CASE("gemm keeps a NaN through relu") {
  for (const KernelTable* table : supported_kernels()) {
    const float a = NAN;
    const std::vector<float> b(3, 1.0f);
    std::vector<float> c(3, 0.0f);
    Gemm g;
    g.m = 1;
    g.n = 3;
    g.depth = 1;
    g.a = &a;
    g.a_row = 2;
    g.a_depth = 1;
    g.b = b.data();
    g.b_depth = 3;
    g.c = c.data();
    g.c_row = 3;
    g.relu = true;
    table->gemm(g);
    for (const float y : c) CHECK(std::isnan(y));
  }
}

struct PoolCase {
  int outputs, n, depth, segments, step;
  bool bias, relu, indexed;
};

void check_max_pool(const KernelTable& table, const PoolCase& c, Random& random) {
  CAPTURE(std::string(table.name));
  CAPTURE(c.outputs);
  CAPTURE(c.n);
  const ptrdiff_t below = 2 * c.outputs * c.step + c.depth;
  std::vector<ptrdiff_t> segments;
  for (int s = 0; s < c.segments; ++s) segments.push_back(s * below);
  // Few distinct values, so that cells of a window often tie.
  const std::vector<float> a = random.wholes(static_cast<size_t>(below) * static_cast<size_t>(c.segments + 2) + 64, 3);
  const std::vector<float> b = random.wholes(static_cast<size_t>(c.n * c.depth * c.segments), 2);
  const std::vector<float> bias = random.uniforms(static_cast<size_t>(c.n));
  GemmPool p;
  Gemm& g = p.product;
  g.n = c.n;
  g.depth = c.depth;
  g.segments = c.segments;
  g.a = a.data();
  g.a_row = c.step;
  g.a_depth = 1;
  g.a_segments = segments.data();
  g.b = b.data();
  g.b_depth = c.n;
  g.b_segment = static_cast<ptrdiff_t>(c.n) * c.depth;
  g.bias = c.bias ? bias.data() : nullptr;
  // The unpooled cells: two rows of the plain product.
  std::vector<float> cells(static_cast<size_t>(4 * c.outputs * c.n));
  for (int row = 0; row < 2; ++row) {
    Gemm plain = g;
    plain.m = 2 * c.outputs;
    plain.a += row * below;
    plain.c = cells.data() + row * plain.m * c.n;
    plain.c_row = c.n;
    table.gemm(plain);
  }
  const ptrdiff_t y_row = c.n + 3;
  std::vector<float> reference(static_cast<size_t>(y_row * c.outputs), 7.0f);
  std::vector<uint8_t> expected_index(reference.size(), 9);
  for (int o = 0; o < c.outputs; ++o) {
    for (int j = 0; j < c.n; ++j) {
      float best = 0;
      for (int cell = 0; cell < 4; ++cell) {
        const int at = ((cell / 2) * 2 * c.outputs + 2 * o + cell % 2) * c.n + j;
        const float value = cells[static_cast<size_t>(at)];
        if (cell > 0 && !(value > best)) continue;
        best = value;
        expected_index[static_cast<size_t>(o * y_row + j)] = static_cast<uint8_t>(cell);
      }
      reference[static_cast<size_t>(o * y_row + j)] = c.relu ? std::clamp(best, 0.0f, g.maximum) : best;
    }
  }
  Guarded y(std::vector<float>(reference.size(), 7.0f));
  std::vector<uint8_t> index(reference.size(), 9);
  g.m = c.outputs;
  g.c = y.data();
  g.c_row = y_row;
  g.relu = c.relu;
  p.a_below = below;
  p.index = c.indexed ? index.data() : nullptr;
  table.gemm_max_pool(p);
  CHECK(y.intact());
  CHECK(same_bits(y.values(), reference));
  if (c.indexed) CHECK(index == expected_index);
}

TEST_CASE("gemm_max_pool gives the bits of a product followed by bias, pooling and ReLU") {
  Random random(7);
  for (const KernelTable* table : supported_kernels()) {
    const int v = table->lanes;
    for (const int outputs : {1, 2, 3, 4, 5, 7, 12}) {
      for (const int n : {1, v - 1, v, 2 * v, 2 * v + 1, 3 * v + 2}) {
        if (n >= 1) check_max_pool(*table, {outputs, n, 5, 3, 1, true, true, true}, random);
      }
    }
    check_max_pool(*table, {5, 37, 4, 2, 2, false, true, true}, random);
    check_max_pool(*table, {5, 37, 4, 2, 1, true, false, true}, random);
    check_max_pool(*table, {5, 37, 4, 1, 3, false, false, false}, random);
  }
}

TEST_CASE("gemm_max_pool propagates a NaN in any cell of a window") {
  for (const KernelTable* table : supported_kernels()) {
    for (const int n : {1, 5, 16, 37}) {
      for (int cell = 0; cell < 4; ++cell) {
        float a[4] = {1, 1, 1, 1};
        a[cell] = NAN;
        const std::vector<float> b(static_cast<size_t>(n), 1.0f);
        const ptrdiff_t segment = 0;
        std::vector<float> y(static_cast<size_t>(n));
        std::vector<uint8_t> index(static_cast<size_t>(n));
        GemmPool p;
        p.product.m = 1;
        p.product.n = n;
        p.product.depth = 1;
        p.product.segments = 1;
        p.product.a = a;
        p.product.a_row = 1;
        p.product.a_depth = 1;
        p.product.a_segments = &segment;
        p.product.b = b.data();
        p.product.b_depth = n;
        p.product.c = y.data();
        p.product.c_row = n;
        p.product.relu = true;
        p.a_below = 2;
        p.index = index.data();
        table->gemm_max_pool(p);
        CHECK(std::all_of(y.begin(), y.end(), [](float value) { return std::isnan(value); }));
        CHECK(std::all_of(index.begin(), index.end(), [=](uint8_t place) { return place == cell; }));
      }
    }
  }
}

TEST_CASE("panel_dots adds up panels, then lanes, in the same order on every instruction set") {
  constexpr int kPanels = 3;
  Random random(11);
  for (const int rows : {1, 2, 3, 11, 12, 13, 25}) {
    PanelDots d;
    d.rows = rows;
    d.panels = kPanels;
    d.x_panel = 2 * kPanel;
    d.w_panel = static_cast<ptrdiff_t>(rows + 1) * kPanel;
    const std::vector<float> x = random.uniforms(static_cast<size_t>(kPanels * d.x_panel));
    const std::vector<float> w = random.uniforms(static_cast<size_t>(kPanels * d.w_panel));
    std::vector<float> reference;
    for (int r = 0; r < rows; ++r) {
      std::vector<float> sums(kPanel, 0.0f);
      for (int p = 0; p < kPanels; ++p) {
        for (int l = 0; l < kPanel; ++l) {
          float& sum = sums[static_cast<size_t>(l)];
          sum = std::fma(x[static_cast<size_t>(p * d.x_panel + l)],
                         w[static_cast<size_t>(p * d.w_panel + r * kPanel + l)], sum);
        }
      }
      for (size_t half = kPanel / 2; half > 0; half /= 2) {
        for (size_t l = 0; l < half; ++l) sums[l] += sums[l + half];
      }
      reference.push_back(sums[0]);
    }
    for (const KernelTable* table : supported_kernels()) {
      CAPTURE(std::string(table->name));
      CAPTURE(rows);
      Guarded y(static_cast<size_t>(rows));
      d.x = x.data();
      d.w = w.data();
      d.y = y.data();
      table->panel_dots(d);
      CHECK(y.intact());
      CHECK(same_bits(y.values(), reference));
    }
  }
}
