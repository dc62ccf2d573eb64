#include "plan/plan.h"

#include <doctest/doctest.h>

#include "program/executor.h"
#include "runtime/error.h"
#include "test/support.h"

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

TEST_CASE("with branches and joins, too, buffers that live at once don't overlap") {
  test::Random random(5);
  for (int graph = 0; graph < 50; ++graph) {
    CAPTURE(graph);
    Plan plan(3);
    struct Life {
      size_t bytes, first, last;
    };
    std::vector<Life> lives;
    std::vector<BufferId> buffers;
    // Each stage makes a value from up to three others, from any earlier stage.
    for (size_t stage = 0; stage < 30; ++stage) {
      const size_t size = 1 + random.word() % 100;
      std::vector<BufferId> uses = {plan.buffer(size)};
      lives.push_back({size * 3 * sizeof(float), stage, stage});
      for (uint32_t i = random.word() % 4; i > 0 && stage > 0; --i) {
        const size_t other = random.word() % stage;
        uses.push_back(buffers[other]);
        lives[other].last = stage;
      }
      buffers.push_back(uses[0]);
      plan.stage(uses, kOneTask, kNothing);
    }
    plan.finish({buffers.back(), buffers[3]});
    lives[3].last = 30;
    lives.back().last = 30;
    size_t all_bytes = 0;
    for (size_t a = 0; a < lives.size(); ++a) {
      const size_t begin = plan.offsets()[a];
      CHECK(begin % kLineBytes == 0);
      CHECK(begin + lives[a].bytes <= plan.arena_bytes());
      all_bytes += round_up(lives[a].bytes, kLineBytes);
      for (size_t b = 0; b < a; ++b) {
        const bool together = lives[a].first <= lives[b].last && lives[b].first <= lives[a].last;
        const bool overlap = begin < plan.offsets()[b] + lives[b].bytes && plan.offsets()[b] < begin + lives[a].bytes;
        CHECK_FALSE((together && overlap));
      }
    }
    CHECK(plan.arena_bytes() < all_bytes);
  }
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
  std::mutex state;
  lead_team(3, [&](Team& team) { executor.run(Step{}, team, state); });
  CHECK(order == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("a plan that can't fit in memory is refused before memory is allocated") {
  Plan plan(1 << 30);
  CHECK_THROWS_AS(plan.buffer(size_t{1} << 30), Error);
  CHECK_THROWS_AS(Memory(SIZE_MAX - 8), Error);
}
