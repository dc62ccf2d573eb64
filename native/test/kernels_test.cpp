// The other kernels, against plain code, and every instruction set against the first, bit for bit.
#include <doctest/doctest.h>

#include <cmath>
#include <functional>

#include "runtime/memory.h"
#include "targets/dispatch.h"
#include "test/support.h"

using namespace convforge;
using namespace convforge::test;

namespace {

constexpr size_t kSizes[] = {0, 1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 100};

}  // namespace

TEST_CASE("add_overlapping adds row by row, for rows that overlap and rows that don't") {
  for (const int width : {1, 3, 8, 9, 21, 40}) {
    for (const int step : {1, 3, 6, 8, 16, 50}) {
      for (const int rows : {1, 2, 7}) {
        Random random(static_cast<uint32_t>(width * 100 + step));
        const ptrdiff_t x_row = width + 2;
        const std::vector<float> x = random.uniforms(static_cast<size_t>(rows * x_row - 2));
        const std::vector<float> y = random.uniforms(static_cast<size_t>((rows - 1) * step + width));
        std::vector<float> expected = y;
        for (int row = 0; row < rows; ++row) {
          for (int i = 0; i < width; ++i)
            expected[static_cast<size_t>(row * step + i)] += x[static_cast<size_t>(row * x_row + i)];
        }
        for (const KernelTable* table : supported_kernels()) {
          CAPTURE(std::string(table->name));
          CAPTURE(width);
          CAPTURE(step);
          CAPTURE(rows);
          Guarded result(y);
          OverlappingRows o;
          o.x = x.data();
          o.x_row = x_row;
          o.rows = rows;
          o.width = width;
          o.step = step;
          o.y = result.data();
          table->add_overlapping(o);
          CHECK(result.intact());
          CHECK(same_bits(result.values(), expected));
        }
      }
    }
  }
}

TEST_CASE("elementwise kernels have the same bits everywhere, and stay inside their buffers") {
  for (const size_t n : kSizes) {
    Random random(static_cast<uint32_t>(n));
    const std::vector<float> x = random.uniforms(n);
    const std::vector<float> z = random.uniforms(n);
    std::vector<uint8_t> bytes(n);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random.word());
    expect_same_bits([&](const KernelTable& k) {
      std::vector<float> all;
      const auto keep = [&all](const Guarded& g) {
        CHECK(g.intact());
        const std::vector<float> values = g.values();
        all.insert(all.end(), values.begin(), values.end());
      };
      for (int kind = 0; kind <= static_cast<int>(Activation::Kind::kHardSwish); ++kind) {
        const Activation a = {static_cast<Activation::Kind>(kind), 0.3f, 0.1f, 0.7f};
        Guarded y(n), dx(n);
        k.activate(a, x.data(), y.data(), n);
        k.activate_backward(a, x.data(), z.data(), dx.data(), n);
        keep(y);
        keep(dx);
      }
      Guarded a(n), b(n), c(n), d(x), e(n), f(z);
      k.rescale_f32(x.data(), a.data(), n, 0.3f, -1.7f);
      k.rescale_u8(bytes.data(), b.data(), n, 1.0f / 255, 0.25f);
      k.scale(x.data(), c.data(), n, 1.5f);
      k.accumulate(z.data(), d.data(), n);
      k.add_pair(x.data(), z.data(), e.data(), n);
      k.add_pair(x.data(), f.data(), f.data(), n);
      for (size_t i = 0; i < n; ++i) {
        CHECK(a.data()[i] == std::fma(x[i], 0.3f, -1.7f));
        CHECK(b.data()[i] == std::fma(static_cast<float>(bytes[i]), 1.0f / 255, 0.25f));
        CHECK(c.data()[i] == x[i] * 1.5f);
        for (const Guarded* sum : {&d, &e, &f}) CHECK(sum->data()[i] == x[i] + z[i]);
      }
      for (const Guarded* g : {&a, &b, &c, &d, &e, &f}) keep(*g);
      return all;
    });
  }
}

TEST_CASE("sum_rows adds rows in order") {
  Random random(3);
  for (const size_t n : {size_t{1}, size_t{17}, size_t{40}}) {
    const std::vector<float> x = random.uniforms(9 * (n + 2));
    const std::vector<float> start = random.uniforms(n);
    for (const bool accumulate : {false, true}) {
      expect_same_bits([&](const KernelTable& k) {
        Guarded y(start);
        k.sum_rows(x.data(), 9, static_cast<ptrdiff_t>(n + 2), y.data(), static_cast<int>(n), accumulate);
        CHECK(y.intact());
        for (size_t j = 0; j < n; ++j) {
          float sum = accumulate ? start[j] : 0.0f;
          for (size_t r = 0; r < 9; ++r) sum += x[r * (n + 2) + j];
          CHECK(y.data()[j] == sum);
        }
        return y.values();
      });
    }
  }
}

TEST_CASE("transpose writes rows as columns") {
  Random random(4);
  for (const auto& [rows, columns] : {std::pair{1, 1}, {3, 5}, {16, 16}, {17, 33}, {40, 2}}) {
    const std::vector<float> x = random.uniforms(static_cast<size_t>(rows * (columns + 1)));
    for (const KernelTable* table : supported_kernels()) {
      Guarded y(static_cast<size_t>(columns * (rows + 2)), 7.0f);
      table->transpose(x.data(), rows, columns, columns + 1, y.data(), rows + 2);
      CHECK(y.intact());
      for (int j = 0; j < columns; ++j) {
        for (int i = 0; i < rows; ++i)
          CHECK(y.data()[j * (rows + 2) + i] == x[static_cast<size_t>(i * (columns + 1) + j)]);
        CHECK(y.data()[j * (rows + 2) + rows] == 7.0f);
      }
    }
  }
}

TEST_CASE("cross-entropy: loss, softmax and gradient against double") {
  constexpr int kN = 10, kRows = 5;
  Random random(9);
  std::vector<float> x = random.uniforms(kN * kRows);
  for (float& value : x) value *= 6;
  const std::vector<int32_t> labels = {0, 9, 3, 3, 7};
  std::vector<float> one_hot(x.size());
  for (size_t r = 0; r < kRows; ++r) one_hot[r * kN + static_cast<size_t>(labels[r])] = 1;
  expect_same_bits([&](const KernelTable& k) {
    Guarded p(x.size()), loss(kRows), dx(x.size()), loss2(kRows), dx2(x.size());
    CrossEntropy c;
    c.x = x.data();
    c.labels = labels.data();
    c.rows = kRows;
    c.n = kN;
    c.probabilities = p.data();
    c.row_loss = loss.data();
    c.dx = dx.data();
    c.grad_scale = 0.5f;
    k.softmax_cross_entropy(c);
    c.labels = nullptr;
    c.targets = one_hot.data();
    c.row_loss = loss2.data();
    c.dx = dx2.data();
    k.softmax_cross_entropy(c);
    for (int r = 0; r < kRows; ++r) {
      double sum = 0;
      for (int j = 0; j < kN; ++j) sum += std::exp(static_cast<double>(x[static_cast<size_t>(r * kN + j)]));
      const double expected = std::log(sum) - x[static_cast<size_t>(r * kN + labels[static_cast<size_t>(r)])];
      CHECK(loss.data()[r] == doctest::Approx(expected).epsilon(1e-6));
      CHECK(loss2.data()[r] == doctest::Approx(expected).epsilon(1e-6));
      for (int j = 0; j < kN; ++j) {
        const double share = std::exp(static_cast<double>(x[static_cast<size_t>(r * kN + j)])) / sum;
        const double gradient = 0.5 * (share - (j == labels[static_cast<size_t>(r)] ? 1 : 0));
        CHECK(std::fabs(dx.data()[r * kN + j] - gradient) < 1e-6);
        CHECK(std::fabs(dx2.data()[r * kN + j] - gradient) < 1e-6);
      }
    }
    // The loss of probabilities is the same.
    Guarded loss3(kRows), dx3(x.size());
    c.x = p.data();
    c.probabilities = nullptr;
    c.row_loss = loss3.data();
    c.dx = dx3.data();
    k.probability_cross_entropy(c);
    for (int r = 0; r < kRows; ++r) CHECK(loss3.data()[r] == doctest::Approx(loss.data()[r]).epsilon(1e-5));
    for (const Guarded* g : {&p, &loss, &dx, &loss2, &dx2, &loss3, &dx3}) CHECK(g->intact());
    std::vector<float> all = dx.values();
    for (const Guarded* g : {&p, &loss, &loss2, &dx3}) {
      const std::vector<float> values = g->values();
      all.insert(all.end(), values.begin(), values.end());
    }
    return all;
  });
}

TEST_CASE("cross-entropy: smoothed classes give the bits of their one-hot rows") {
  constexpr int kN = 7, kRows = 3;
  Random random(11);
  std::vector<float> x = random.uniforms(kN * kRows);
  for (float& value : x) value += 0.01f;
  const std::vector<int32_t> labels = {6, 0, 2};
  std::vector<float> one_hot(x.size());
  for (size_t r = 0; r < kRows; ++r) one_hot[r * kN + static_cast<size_t>(labels[r])] = 1;
  expect_same_bits([&](const KernelTable& k) {
    std::vector<float> all;
    for (const auto kernel : {k.softmax_cross_entropy, k.probability_cross_entropy}) {
      Guarded p(x.size()), loss(kRows), dx(x.size()), loss2(kRows), dx2(x.size());
      CrossEntropy c;
      c.x = x.data();
      c.labels = labels.data();
      c.rows = kRows;
      c.n = kN;
      c.parameters.target_scale = 0.8f;
      c.parameters.target_shift = 0.2f / kN;
      c.probabilities = p.data();
      c.row_loss = loss.data();
      c.dx = dx.data();
      c.grad_scale = 0.5f;
      kernel(c);
      c.labels = nullptr;
      c.targets = one_hot.data();
      c.row_loss = loss2.data();
      c.dx = dx2.data();
      kernel(c);
      CHECK(loss.values() == loss2.values());
      CHECK(dx.values() == dx2.values());
      for (const Guarded* g : {&loss, &dx, &loss2, &dx2}) CHECK(g->intact());
      for (const Guarded* g : {&loss, &dx}) {
        const std::vector<float> values = g->values();
        all.insert(all.end(), values.begin(), values.end());
      }
    }
    return all;
  });
}

TEST_CASE("the gradient of softmax is close to double precision") {
  Random random(10);
  const std::vector<float> p = random.uniforms(33);
  const std::vector<float> t = random.uniforms(33);
  expect_same_bits([&](const KernelTable& k) {
    Guarded y(33), dlogits(33);
    k.softmax(p.data(), y.data(), 3, 11);
    k.softmax_backward(y.data(), t.data(), dlogits.data(), 3, 11);
    for (size_t r = 0; r < 3; ++r) {
      double dot = 0, sum = 0;
      for (size_t j = 0; j < 11; ++j) dot += static_cast<double>(y.data()[r * 11 + j]) * t[r * 11 + j];
      for (size_t j = 0; j < 11; ++j) {
        CHECK(dlogits.data()[r * 11 + j] ==
              doctest::Approx(y.data()[r * 11 + j] * (t[r * 11 + j] - dot)).epsilon(1e-4));
        sum += dlogits.data()[r * 11 + j];
      }
      CHECK(std::fabs(sum) < 1e-6);
    }
    for (const Guarded* g : {&y, &dlogits}) CHECK(g->intact());
    return dlogits.values();
  });
}

TEST_CASE("softmax's sums over long rows don't depend on the lanes") {
  for (const int n : {16, 17, 31, 100, 1000}) {
    Random random(static_cast<uint32_t>(n));
    const std::vector<float> x = random.uniforms(2 * static_cast<size_t>(n));
    const std::vector<float> dy = random.uniforms(x.size());
    expect_same_bits([&](const KernelTable& k) {
      Guarded y(x.size()), dx(x.size());
      k.softmax(x.data(), y.data(), 2, n);
      k.softmax_backward(y.data(), dy.data(), dx.data(), 2, n);
      for (size_t r = 0; r < 2; ++r) {
        const size_t row = r * static_cast<size_t>(n);
        double dot = 0;
        for (size_t j = row; j < row + static_cast<size_t>(n); ++j) dot += static_cast<double>(y.data()[j]) * dy[j];
        for (size_t j = row; j < row + static_cast<size_t>(n); ++j)
          CHECK(std::fabs(dx.data()[j] - y.data()[j] * (dy[j] - dot)) < 1e-6 * y.data()[j]);
      }
      CHECK(y.intact());
      CHECK(dx.intact());
      std::vector<float> all = y.values();
      const std::vector<float> gradient = dx.values();
      all.insert(all.end(), gradient.begin(), gradient.end());
      return all;
    });
  }
}

TEST_CASE("optimizers follow their formulas") {
  for (const size_t n : {size_t{1}, size_t{16}, size_t{37}}) {
    Random random(static_cast<uint32_t>(n) + 20);
    const std::vector<float> w0 = random.uniforms(n), g = random.uniforms(n), m0 = random.uniforms(n);
    std::vector<float> v0 = random.uniforms(n);
    for (float& v : v0) v = std::fabs(v);
    expect_same_bits([&](const KernelTable& k) {
      Guarded w(w0), m(m0), v(v0);
      Adam a;
      a.w = w.data();
      a.g = g.data();
      a.slots[0] = m.data();
      a.slots[1] = v.data();
      a.n = n;
      a.rate = 0.01f;
      a.beta1 = 0.9f;
      a.beta2 = 0.999f;
      a.one_minus_beta1 = 0.1f;
      a.one_minus_beta2 = 0.001f;
      a.epsilon = 1e-7f;
      k.adam(a);
      for (size_t i = 0; i < n; ++i) {
        const double m1 = 0.9 * m0[i] + 0.1 * g[i];
        const double v1 = 0.999 * v0[i] + 0.001 * g[i] * g[i];
        CHECK(m.data()[i] == doctest::Approx(m1).epsilon(1e-5));
        CHECK(v.data()[i] == doctest::Approx(v1).epsilon(1e-5));
        CHECK(w.data()[i] == doctest::Approx(w0[i] - 0.01 * m1 / (std::sqrt(v1) + 1e-7)).epsilon(1e-5));
      }
      std::vector<float> all = w.values();
      for (const bool nesterov : {false, true}) {
        for (const bool momentum : {false, true}) {
          Guarded w2(w0), velocity(m0);
          Sgd s;
          s.w = w2.data();
          s.g = g.data();
          s.slots[0] = momentum ? velocity.data() : nullptr;
          s.n = n;
          s.rate = 0.1f;
          s.momentum = 0.8f;
          s.nesterov = nesterov;
          k.sgd(s);
          for (size_t i = 0; i < n; ++i) {
            const double v1 = 0.8 * m0[i] - 0.1 * g[i];
            const double move = !momentum ? -0.1 * g[i] : nesterov ? 0.8 * v1 - 0.1 * g[i] : v1;
            CHECK(w2.data()[i] == doctest::Approx(w0[i] + move).epsilon(1e-5));
            CHECK(velocity.data()[i] == doctest::Approx(momentum ? v1 : m0[i]).epsilon(1e-5));
          }
          CHECK(w2.intact());
          CHECK(velocity.intact());
          const std::vector<float> values = w2.values();
          all.insert(all.end(), values.begin(), values.end());
        }
      }
      for (const Guarded* guarded : {&w, &m, &v}) CHECK(guarded->intact());
      return all;
    });
  }
}

TEST_CASE("philox gives the published words") {
  // Known answers from Random123, the authors' own library.
  CHECK(philox({0, 0, 0, 0}, {0, 0}) == std::array<uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  constexpr uint32_t kOnes = 0xffffffff;
  CHECK(philox({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}) ==
        std::array<uint32_t, 4>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
}
