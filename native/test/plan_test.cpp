#include "program/plan.h"

#include <doctest/doctest.h>

#include "runtime/error.h"

using namespace convforge;

namespace {

const auto kOneTask = [](const Step&) { return size_t{1}; };
const auto kNothing = [](const Step&, size_t, float*) {};

}  // namespace

TEST_CASE("buffers that live at once don't overlap; those that don't, share memory") {
  Plan plan(4);
  const BufferId a = plan.buffer(100);
  const BufferId b = plan.buffer(100);
  const BufferId c = plan.buffer(100);
  const BufferId d = plan.buffer(10, 3);
  plan.stage({a, b}, kOneTask, kNothing);
  plan.stage({b, c, d}, kOneTask, kNothing);
  plan.stage({c}, kOneTask, kNothing);
  plan.finish({d});
  const auto at = [&](BufferId id) { return plan.offsets()[static_cast<size_t>(id)]; };
  const size_t large = round_up(100 * 4 * sizeof(float), kLineBytes);
  const size_t small = round_up((10 * 4 + 3) * sizeof(float), kLineBytes);
  const auto apart = [&](BufferId x, size_t x_bytes, BufferId y, size_t y_bytes) {
    return at(x) + x_bytes <= at(y) || at(y) + y_bytes <= at(x);
  };
  CHECK(apart(a, large, b, large));
  CHECK(apart(b, large, c, large));
  CHECK(apart(b, large, d, small));
  CHECK(apart(c, large, d, small));
  CHECK(at(a) == at(c));
  CHECK(plan.arena_bytes() == 2 * large + small);
}

TEST_CASE("stages run in order, each worker with scratch of its own") {
  Plan plan(1);
  plan.need_scratch(5);
  const BufferId value = plan.buffer(8);
  std::vector<int> order;
  plan.stage(
      {value}, [](const Step&) { return size_t{8}; },
      [=](const Step& s, size_t task, float* scratch) {
        for (int i = 0; i < 5; ++i) scratch[i] = static_cast<float>(task);
        bool own = true;
        for (int i = 0; i < 5; ++i) own = own && scratch[i] == static_cast<float>(task);
        s.at(value)[task] = own ? static_cast<float>(task) : -1.0f;
      });
  plan.stage({value}, kOneTask, [&order, value](const Step& s, size_t, float*) {
    for (int i = 0; i < 8; ++i) order.push_back(static_cast<int>(s.at(value)[i]));
  });
  plan.finish({});
  Executor executor(std::move(plan));
  lead_team(3, [&](Team& team) { executor.run(Step{}, team); });
  CHECK(order == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("what can't fit in memory is refused before it is asked for") {
  Plan plan(1 << 30);
  CHECK_THROWS_AS(plan.buffer(size_t{1} << 30), Error);
  CHECK_THROWS_AS(Memory(SIZE_MAX - 8), Error);
}
