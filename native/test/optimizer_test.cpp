// What an optimizer does around its update rule, and the kernels of all rules: the same bits for any number of threads
// and on every instruction set. Tests in TypeScript compare the values with Keras's.
#include <doctest/doctest.h>

#include <functional>

#include "targets/dispatch.h"
#include "test/mixed_program.h"

using namespace convforge;
using namespace convforge::test;

namespace {

// Hashes of this test's training runs, the same on AVX-512, AVX2 and the scalar target.
constexpr uint64_t kEveryRuleHash = 11624340831063366946u;

template <typename Arguments>
using Kernel = void (*KernelTable::*)(const Arguments&);

// Runs one rule's kernel on each table. All must leave the same weights and slots, and must not write around them.
template <typename Arguments>
void expect_same_update(Kernel<Arguments> kernel, Arguments arguments, const std::vector<size_t>& slots) {
  for (const size_t n : {size_t{1}, size_t{16}, size_t{37}, size_t{100}}) {
    Random random(static_cast<uint32_t>(n));
    const std::vector<float> w = random.uniforms(n), g = random.uniforms(n);
    std::vector<float> kept = random.uniforms(n);
    for (float& value : kept) value *= value;
    std::vector<float> first;
    for (const KernelTable* table : supported_kernels()) {
      CAPTURE(std::string(table->name));
      Guarded arrays[] = {Guarded(w), Guarded(kept), Guarded(kept), Guarded(kept)};
      arguments.w = arrays[0].data();
      arguments.g = g.data();
      arguments.n = n;
      for (const size_t slot : slots) arguments.slots[slot] = arrays[slot + 1].data();
      (table->*kernel)(arguments);
      std::vector<float> all;
      for (const Guarded& array : arrays) {
        CHECK(array.intact());
        const std::vector<float> values = array.values();
        all.insert(all.end(), values.begin(), values.end());
      }
      CHECK(!same_bits(arrays[0].values(), w));
      if (first.empty()) first = all;
      CHECK(same_bits(all, first));
    }
  }
}

template <typename Arguments>
Arguments with_betas() {
  Arguments a;
  a.rate = 0.01f;
  a.beta1 = 0.9f;
  a.beta2 = 0.8f;
  a.one_minus_beta1 = 0.1f;
  return a;
}

template <typename Arguments>
Arguments with_rho() {
  Arguments a;
  a.rate = 0.01f;
  a.rho = 0.9f;
  a.one_minus_rho = 0.1f;
  a.epsilon = 1e-3f;
  return a;
}

}  // namespace

TEST_CASE("every optimizer's kernel has the same bits everywhere, and stays inside its buffers") {
  auto adam = with_betas<Adam>();
  adam.one_minus_beta2 = 0.2f;
  adam.epsilon = 1e-3f;
  expect_same_update(&KernelTable::adam, adam, {0, 1, 2});
  auto adamax = with_betas<Adamax>();
  adamax.epsilon = 1e-3f;
  expect_same_update(&KernelTable::adamax, adamax, {0, 1});
  Nadam nadam;
  nadam.mean_rate = 0.01f;
  nadam.gradient_rate = 0.02f;
  nadam.square_scale = 1.5f;
  nadam.beta1 = 0.9f;
  nadam.beta2 = 0.8f;
  nadam.one_minus_beta1 = 0.1f;
  nadam.one_minus_beta2 = 0.2f;
  nadam.epsilon = 1e-3f;
  expect_same_update(&KernelTable::nadam, nadam, {0, 1});
  auto rmsprop = with_rho<RmsProp>();
  rmsprop.momentum = 0.7f;
  expect_same_update(&KernelTable::rmsprop, rmsprop, {0, 1, 2});
  Adagrad adagrad;
  adagrad.rate = 0.01f;
  adagrad.epsilon = 1e-3f;
  expect_same_update(&KernelTable::adagrad, adagrad, {0});
  expect_same_update(&KernelTable::adadelta, with_rho<Adadelta>(), {0, 1});
  auto lion = with_betas<Lion>();
  lion.one_minus_beta2 = 0.2f;
  expect_same_update(&KernelTable::lion, lion, {0});
}

TEST_CASE("sums and bounded norms have the same bits everywhere") {
  Random random(3);
  const std::vector<float> x = random.uniforms(96 * kPanel);
  const std::vector<int32_t> rows = {0, 5 * kPanel, 7 * kPanel};
  std::vector<float> first;
  for (const KernelTable* table : supported_kernels()) {
    CAPTURE(std::string(table->name));
    double absolutes = 0, squares = 0;
    table->sum_absolutes(x.data(), x.size(), &absolutes);
    table->sum_squares(x.data(), x.size(), &squares);
    std::vector<float> all = {static_cast<float>(absolutes), static_cast<float>(squares)};
    double exact = 0;
    for (const float value : x) exact += static_cast<double>(value) * value;
    CHECK(squares == doctest::Approx(exact).epsilon(1e-6));
    for (const bool across : {false, true}) {
      Guarded w(x);
      NormConstraint b;
      b.w = w.data();
      b.rows = rows.data();
      b.count = 3;
      b.panels = across ? 2 : 1;
      b.panel = 48 * kPanel;
      b.across = across;
      b.minimum = 0.5f;
      b.maximum = 0.75f;
      table->constrain_norms(b);
      CHECK(w.intact());
      const std::vector<float> values = w.values();
      all.insert(all.end(), values.begin(), values.end());
    }
    if (first.empty()) first = all;
    CHECK(same_bits(all, first));
  }
}

TEST_CASE("clipping, decay, averages, accumulation, penalties and constraints don't depend on threads") {
  uint64_t first = 0;
  for (const int threads : {1, 2, 3, 5}) {
    CAPTURE(threads);
    Run run(with_every_rule(mixed_program(true)), true);
    const Arrays before = weights_of(run.program.state());
    lead_team(threads, [&](Team& team) { run.train(team); });
    CHECK(run.program.state().optimizer().iterations == 6);
    CHECK(!same_bits(weights_of(run.program.state())[0], before[0]));
    if (first == 0) first = run.hash_weights();
    CHECK(run.hash_weights() == first);
  }
  CHECK(first == kEveryRuleHash);
}
