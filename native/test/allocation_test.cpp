// A step must not allocate. This is a file of its own, since ThreadSanitizer brings its own operator new and the two
// can't be linked together.
#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>

#include "test/mixed_program.h"

using namespace convforge;
using namespace convforge::test;

namespace {

std::atomic<bool> counting{false};
std::atomic<size_t> allocations{0};

void* counted_allocation(size_t bytes, size_t alignment) {
  if (counting.load(std::memory_order_relaxed)) allocations.fetch_add(1);
  void* p = std::aligned_alloc(alignment, round_up(bytes == 0 ? 1 : bytes, alignment));
  if (!p) throw std::bad_alloc();
  return p;
}

}  // namespace

void* operator new(size_t bytes) { return counted_allocation(bytes, alignof(std::max_align_t)); }
void* operator new[](size_t bytes) { return counted_allocation(bytes, alignof(std::max_align_t)); }
void* operator new(size_t bytes, std::align_val_t alignment) {
  return counted_allocation(bytes, static_cast<size_t>(alignment));
}
void* operator new(size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  if (counting.load(std::memory_order_relaxed)) allocations.fetch_add(1);
  const size_t whole = round_up(bytes, static_cast<size_t>(alignment));
  return whole < bytes ? nullptr : std::aligned_alloc(static_cast<size_t>(alignment), whole);
}
void* operator new(size_t bytes, const std::nothrow_t& nothrow) noexcept {
  return operator new (bytes, std::align_val_t{alignof(std::max_align_t)}, nothrow);
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, size_t) noexcept { std::free(p); }
void operator delete[](void* p, size_t) noexcept { std::free(p); }
void operator delete(void* p, const std::nothrow_t&) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, size_t, std::align_val_t) noexcept { std::free(p); }

TEST_CASE("a training step, an evaluation and a prediction allocate nothing, timed or not") {
  ProgramDescription description = mixed_program(true);
  SUBCASE("a chain") {}
  SUBCASE("a graph") { description = residual_program(true); }
  SUBCASE("normalizations") { description = normalized_program(); }
  SUBCASE("every rule of training") { description = with_every_rule(mixed_program(true)); }
  Run run(description, true);
  SUBCASE("timed") { run.program.measure(true); }
  SUBCASE("not timed") {}
  std::vector<float> outputs(20 * run.program.output_size(0));
  float* const results[] = {outputs.data()};
  lead_team(2, [&](Team& team) {
    const auto everything = [&] {
      run.train(team);
      Step step;
      step.n = 20;
      step.x = run.inputs;
      step.y = run.targets;
      step.totals = &run.totals;
      run.program.run_evaluation(step, 20, team);
      run.program.run_prediction(step, 20, results, team);
    };
    everything();
    allocations = 0;
    counting = true;
    everything();
    counting = false;
  });
  CHECK(allocations.load() == 0);
  // Checks that the counter works.
  counting = true;
  const auto counted = std::make_unique<std::vector<int>>(10);
  counting = false;
  CHECK(counted->size() == 10);
  CHECK(allocations.load() > 0);
}
