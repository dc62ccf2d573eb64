#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/op.h"
#include "runtime/denormals.h"
#include "targets/dispatch.h"
#include "test/mixed_program.h"
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

using Kind = Activation::Kind;

double normal_distribution(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

double exact(const Activation& a, double x) {
  switch (a.kind) {
    case Kind::kLinear:
      return x;
    case Kind::kRelu:
      return x > 0 ? x : 0;
    case Kind::kBoundedRelu:
      return x > a.threshold ? std::min<double>(x, a.maximum) : a.alpha * (x - a.threshold);
    case Kind::kElu:
      return x > 0 ? x : a.alpha * std::expm1(x);
    case Kind::kCelu:
      return x > 0 ? x : a.alpha * std::expm1(x / a.alpha);
    case Kind::kSelu:
      return 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * std::expm1(x));
    case Kind::kExponential:
      return x < -87.3366 ? 0 : std::exp(x);
    case Kind::kSigmoid:
      return 1 / (1 + std::exp(-x));
    case Kind::kHardSigmoid:
      return std::min(1.0, std::max(0.0, a.alpha * x + a.offset));
    case Kind::kTanh:
      return std::tanh(x);
    case Kind::kSoftplus:
      return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x)));
    case Kind::kSoftsign:
      return x / (1 + std::fabs(x));
    case Kind::kGelu:
      return x * normal_distribution(x);
    case Kind::kGeluTanh:
      return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    case Kind::kSilu:
      return x / (1 + std::exp(-x));
    case Kind::kMish:
      return x * std::tanh(std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x))));
    case Kind::kHardSwish:
      return x * std::min(1.0, std::max(0.0, x / 6 + 0.5));
  }
  return 0;
}

// Where a value is the difference of nearly equal numbers (1 + x near -1, or -3 / 6 + 0.5), only the absolute error is
// small.
bool cancels(Kind kind) {
  return kind == Kind::kHardSigmoid || kind == Kind::kHardSwish || kind == Kind::kGelu || kind == Kind::kGeluTanh;
}

// At kinks, float32 and float64 may be on different sides.
double kink(const Activation& a) {
  if (a.kind == Kind::kHardSigmoid) return 0.5 / a.alpha;
  if (a.kind == Kind::kHardSwish) return 3;
  return a.threshold;
}

const std::vector<Activation> kAll = {
    {Kind::kLinear},
    {Kind::kRelu},
    {Kind::kBoundedRelu, 0.2f},
    {Kind::kBoundedRelu, 0.0f, 0.0f, 6.0f},
    {Kind::kBoundedRelu, 0.1f, 0.25f, 0.75f},
    {Kind::kElu, 1.0f},
    {Kind::kElu, 0.3f},
    {Kind::kCelu, 1.0f},
    {Kind::kCelu, 0.3f},
    {Kind::kSelu},
    {Kind::kExponential},
    {Kind::kSigmoid},
    {Kind::kHardSigmoid, 1.0f / 6.0f},
    {Kind::kHardSigmoid, 0.2f},
    {Kind::kTanh},
    {Kind::kSoftplus},
    {Kind::kSoftsign},
    {Kind::kGelu},
    {Kind::kGeluTanh},
    {Kind::kSilu},
    {Kind::kMish},
    {Kind::kHardSwish},
};

bool follows_value(Kind kind) { return kind <= Kind::kSoftplus; }

}  // namespace

TEST_CASE("activations are accurate to a few ulp") {
  const std::vector<float> x = arguments();
  constexpr double kUnit = std::numeric_limits<float>::epsilon();
  for (const KernelTable* table : supported_kernels()) {
    for (const Activation& a : kAll) {
      Guarded y(x.size());
      table->activate(a, x.data(), y.data(), x.size());
      CHECK(y.intact());
      for (size_t i = 0; i < x.size(); ++i) {
        const double expected_value = exact(a, x[i]);
        const double absolute =
            cancels(a.kind) && std::fabs(x[i]) < 100 ? 2 * kUnit * std::max(1.0f, std::fabs(x[i])) : 2e-36;
        CAPTURE(static_cast<int>(a.kind));
        CAPTURE(x[i]);
        if (expected_value > std::numeric_limits<float>::max()) {
          CHECK(y.data()[i] == INFINITY);
        } else {
          CHECK(std::fabs(y.data()[i] - expected_value) <= 6 * std::fabs(expected_value) * kUnit + absolute);
        }
      }
    }
  }
}

TEST_CASE("activation gradients follow from the value or the argument") {
  Random random(6);
  const std::vector<float> dy = random.uniforms(777);
  std::vector<float> x = random.uniforms(777);
  for (size_t i = 0; i < x.size(); ++i) x[i] *= i % 3 == 0 ? 9.0f : 1.5f;
  for (const KernelTable* table : supported_kernels()) {
    for (const Activation& a : kAll) {
      std::vector<float> y(x.size());
      table->activate(a, x.data(), y.data(), x.size());
      Guarded dx(x.size());
      const float* value = follows_value(a.kind) ? y.data() : x.data();
      table->activate_backward(a, value, dy.data(), dx.data(), x.size());
      CHECK(dx.intact());
      for (size_t i = 0; i < x.size(); ++i) {
        const double h = 1e-5;
        if (std::fabs(std::fabs(x[i]) - kink(a)) < 2 * h || std::fabs(x[i] - a.maximum) < 2 * h) continue;
        const double slope = (exact(a, x[i] + h) - exact(a, x[i] - h)) / (2 * h);
        CAPTURE(static_cast<int>(a.kind));
        CAPTURE(x[i]);
        CHECK(std::fabs(dx.data()[i] - dy[i] * slope) <= std::fabs(dy[i]) * (1e-5 * std::fabs(slope) + 2e-6));
      }
    }
  }
}

TEST_CASE("activations whose gradient follows from the value rise monotonically") {
  std::vector<float> x;
  for (int i = -4000; i <= 4000; ++i) x.push_back(static_cast<float>(i) / 256);
  for (const KernelTable* table : supported_kernels()) {
    for (const Activation& a : kAll) {
      std::vector<float> y(x.size());
      table->activate(a, x.data(), y.data(), x.size());
      CAPTURE(static_cast<int>(a.kind));
      // Allows for rounding where the functions are flat.
      bool rises = true;
      for (size_t i = 1; i < x.size(); ++i) rises = rises && y[i] >= y[i - 1] - 3e-7f;
      CHECK((rises || !follows_value(a.kind)));
    }
  }
}

TEST_CASE("NaN and infinity propagate") {
  const FlushDenormals flush;
  const std::vector<float> x = {NAN, INFINITY, -INFINITY};
  const std::vector<float> dy = {1, 1, 1};
  struct Limits {
    Activation activation;
    float above, below;              // limits of the value
    float slope_above, slope_below;  // limits of the derivative
  };
  constexpr float kSelu = 1.0507009873554805f;
  const std::vector<Limits> all = {
      {{Kind::kLinear}, INFINITY, -INFINITY, 1, 1},
      {{Kind::kRelu}, INFINITY, 0, 1, 0},
      {{Kind::kBoundedRelu, 0.2f}, INFINITY, -INFINITY, 1, 0.2f},
      {{Kind::kBoundedRelu, 0.0f, 0.0f, 6.0f}, 6, 0, 0, 0},
      {{Kind::kBoundedRelu, 0.0f, 0.5f}, INFINITY, 0, 1, 0},
      {{Kind::kElu, 1.0f}, INFINITY, -1, 1, 0},
      {{Kind::kCelu, 0.5f}, INFINITY, -0.5f, 1, 0},
      {{Kind::kSelu}, INFINITY, -1.7580993408473766f, kSelu, 0},
      {{Kind::kExponential}, INFINITY, 0, INFINITY, 0},
      {{Kind::kSigmoid}, 1, 0, 0, 0},
      {{Kind::kHardSigmoid, 0.2f}, 1, 0, 0, 0},
      {{Kind::kTanh}, 1, -1, 0, 0},
      {{Kind::kSoftplus}, INFINITY, 0, 1, 0},
      {{Kind::kSoftsign}, 1, -1, 0, 0},
      {{Kind::kGelu}, INFINITY, 0, 1, 0},
      {{Kind::kGeluTanh}, INFINITY, 0, 1, 0},
      {{Kind::kSilu}, INFINITY, 0, 1, 0},
      {{Kind::kMish}, INFINITY, 0, 1, 0},
      {{Kind::kHardSwish}, INFINITY, 0, 1, 0},
  };
  for (const KernelTable* table : supported_kernels()) {
    for (const Limits& limits : all) {
      const Activation& a = limits.activation;
      std::vector<float> y(3), dx(3);
      table->activate(a, x.data(), y.data(), 3);
      CAPTURE(static_cast<int>(a.kind));
      CHECK(std::isnan(y[0]));
      CHECK(y[1] == limits.above);
      CHECK(y[2] == limits.below);
      table->activate_backward(a, follows_value(a.kind) ? y.data() : x.data(), dy.data(), dx.data(), 3);
      CHECK(dx[1] == limits.slope_above);
      CHECK(dx[2] == limits.slope_below);
    }
  }
}

TEST_CASE("e^x underflows and overflows where float does, and is accurate to a few ulp in between") {
  const FlushDenormals flush;
  const std::vector<float> x = {-3e38f, -200.0f, -88.0f, -87.4f, -87.3f, 88.3f, 88.5f, 88.72f, 88.73f, 89.0f, 3e38f};
  for (const KernelTable* table : supported_kernels()) {
    std::vector<float> y(x.size());
    table->activate({Kind::kExponential}, x.data(), y.data(), x.size());
    for (size_t i = 0; i < x.size(); ++i) {
      const double exact = std::exp(static_cast<double>(x[i]));
      CAPTURE(x[i]);
      if (exact > std::numeric_limits<float>::max()) {
        CHECK(y[i] == INFINITY);
      } else if (exact < std::numeric_limits<float>::min()) {
        CHECK(y[i] == 0.0f);
      } else {
        CHECK(std::fabs(y[i] - exact) <= 3e-7 * exact);
      }
    }
  }
}

TEST_CASE("log-softmax rows are the logarithms of softmax rows") {
  for (const KernelTable* table : supported_kernels()) {
    for (const int n : {1, 7, 16, 33}) {
      Random random(static_cast<uint32_t>(n));
      std::vector<float> x = random.uniforms(static_cast<size_t>(3 * n));
      for (float& value : x) value = value * 40.0f + 300.0f;
      const std::vector<float> dy = random.uniforms(x.size());
      Guarded y(x.size()), dx(x.size());
      table->log_softmax(x.data(), y.data(), 3, n);
      table->log_softmax_backward(y.data(), dy.data(), dx.data(), 3, n);
      CHECK(y.intact());
      CHECK(dx.intact());
      for (int r = 0; r < 3; ++r) {
        double sum = 0, dy_sum = 0;
        for (int j = 0; j < n; ++j) sum += std::exp(static_cast<double>(x[static_cast<size_t>(r * n + j)]) - 300);
        for (int j = 0; j < n; ++j) dy_sum += dy[static_cast<size_t>(r * n + j)];
        for (int j = 0; j < n; ++j) {
          const size_t i = static_cast<size_t>(r * n + j);
          const double expected_value = x[i] - 300 - std::log(sum);
          CHECK(std::fabs(y.data()[i] - expected_value) < 1e-5);
          CHECK(std::fabs(dx.data()[i] - (dy[i] - std::exp(expected_value) * dy_sum)) < 2e-5);
        }
      }
    }
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

TEST_CASE("normal quantiles have the right tail probabilities") {
  for (const KernelTable* table : supported_kernels()) {
    std::vector<float> x;
    for (int k = 0; k < 1 << 24; k += 4099) x.push_back(static_cast<float>(2 * k + 1 - (1 << 24)) * 0x1p-24f);
    Guarded z(x);
    table->normal_quantiles(z.data(), x.size());
    CHECK(z.intact());
    CHECK(z.data()[0] < -5.2f);
    for (size_t i = 0; i < x.size(); ++i) {
      // A relative error e of z changes the tail's probability p by about z^2 * e * p.
      const double tail = std::erfc(std::fabs(z.data()[i]) / std::sqrt(2.0));
      const double expected_value = 1 - std::fabs(static_cast<double>(x[i]));
      CAPTURE(x[i]);
      CHECK(std::fabs(tail - expected_value) <= 1e-6 * (2 + z.data()[i] * z.data()[i]) * expected_value);
    }
  }
}

TEST_CASE("ops absorb the activations whose gradient follows from the output, and no others") {
  const std::vector<std::pair<std::string, bool>> kinds = {
      {"relu", true},        {"elu", true},      {"selu", true},       {"sigmoid", true},     {"tanh", true},
      {"hardSigmoid", true}, {"softplus", true}, {"softsign", false},  {"exponential", true}, {"gelu", false},
      {"silu", false},       {"mish", false},    {"hardSwish", false}, {"softmax", false},    {"logSoftmax", false}};
  for (const std::pair<std::string, bool>& each : kinds) {
    const std::string& kind = each.first;
    const bool absorbed = each.second;
    Builder b({4, 4, 3});
    b.add("conv2d", {{"strides", Numbers{1, 1}}, {"dilation", Numbers{1, 1}}, {"padding", Numbers{0, 0, 0, 0}}},
          {{"kernel", {1, 1, 3, 5}}}, {4, 4, 5});
    b.add("dense", {}, {{"kernel", {5, 2}}}, {4, 4, 2});
    b.add("activation", {{"kind", kind}}, {}, {4, 4, 5});
    const std::vector<NodeDescription>& nodes = b.description.nodes;
    NodeDescription after_dense = nodes[3];
    after_dense.outputs = {{{4, 4, 2}}};
    CAPTURE(kind);
    CHECK(make_op(nodes[1], {{4, 4, 3}})->absorb(*make_op(nodes[3], {{4, 4, 5}})) == absorbed);
    CHECK(make_op(nodes[2], {{4, 4, 5}})->absorb(*make_op(after_dense, {{4, 4, 2}})) == absorbed);
  }
}
