// Trainings in shards: the results depend on the number of shards alone.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "program/shards.h"
#include "test/mixed_program.h"
#include "test/support.h"

using namespace convforge;
using namespace convforge::test;

namespace {

uint64_t hash_of_training(const ProgramDescription& description, uint32_t shards, int threads, bool rematerialize) {
  Run run(description, true);
  run.shards.count = shards;
  run.rematerialize = rematerialize;
  lead_team(threads, [&](Team& team) { run.train(team); });
  CHECK(run.totals.samples == 40);
  CHECK(run.totals.batches == 6);
  return run.hash_weights();
}

// The weights and the loss after one step on all samples.
std::pair<Arrays, double> after_step(const ProgramDescription& description, uint32_t shards, bool sparse = true) {
  Run run(description, sparse);
  const Shards parts{.count = shards};
  lead_team(
      2, [&](Team& team) { run.program.run_training(run.whole_step(), parts.capacity(20), team, {.shards = parts}); });
  return {weights_of(run.program.state()), run.totals.loss};
}

// A plain optimizer, whose steps are as close as the gradients.
ProgramDescription by_sgd(ProgramDescription description) {
  description.training->optimizer = {.kind = "sgd", .learning_rate = 0.1};
  return description;
}

const ProgramDescription kPrograms[] = {mixed_program(true), pooled_program(), residual_program(true),
                                        normalized_program(), with_every_rule(mixed_program(true))};

// Hashes of kPrograms' trainings in 4 shards: see kHash in program_test.cpp.
constexpr uint64_t kHashes[] = {7995252894808814768u, 11442918483127768242u, 17665164252059171494u,
                                11864001482899655642u, 1211796900107065861u};

}  // namespace

TEST_CASE("a training in shards gives the same bits for any number of threads, and with less memory") {
  for (size_t i = 0; i < std::size(kPrograms); ++i) {
    CAPTURE(i);
    for (const int threads : {1, 3}) CHECK(hash_of_training(kPrograms[i], 4, threads, false) == kHashes[i]);
    CHECK(hash_of_training(kPrograms[i], 3, 1, false) == hash_of_training(kPrograms[i], 3, 2, true));
  }
}

TEST_CASE("one shard is a training without shards") {
  const ProgramDescription description = normalized_program();
  CHECK(after_step(description, 1) == after_step(description, 1));
  Run run(description, true);
  lead_team(2, [&](Team& team) { run.program.run_training(run.whole_step(), 20, team); });
  CHECK(after_step(description, 1).first == weights_of(run.program.state()));
}

// 32 shards of 20 samples: some are empty, among them the first.
TEST_CASE("a step in shards is the step of the whole batch, but for rounding") {
  for (size_t i = 0; i + 1 < std::size(kPrograms); ++i) {
    CAPTURE(i);
    const ProgramDescription description = by_sgd(kPrograms[i]);
    const auto [weights, loss] = after_step(description, 1);
    for (const uint32_t shards : {2, 3, 32}) {
      CAPTURE(shards);
      const auto [other, other_loss] = after_step(description, shards);
      CHECK(std::fabs(other_loss - loss) < 1e-5 * loss);
      for (size_t p = 0; p < weights.size(); ++p) {
        CAPTURE(p);
        float largest = 0;
        for (size_t j = 0; j < weights[p].size(); ++j)
          largest = std::max(largest, std::fabs(weights[p][j] - other[p][j]));
        CHECK(largest < 1e-5f);
      }
    }
  }
}

TEST_CASE("the tree over shards splits at the largest power of two") {
  const auto additions = [](uint32_t count) {
    std::vector<std::pair<size_t, size_t>> list;
    for (const ShardFold::Addition& add : ShardFold({.count = count}).additions) list.emplace_back(add.to, add.from);
    return list;
  };
  using Additions = std::vector<std::pair<size_t, size_t>>;
  CHECK(additions(1).empty());
  CHECK(additions(4) == Additions{{0, 1}, {2, 3}, {0, 2}});
  CHECK(additions(6) == Additions{{0, 1}, {2, 3}, {0, 2}, {4, 5}, {0, 4}});
  CHECK(additions(7) == Additions{{0, 1}, {2, 3}, {0, 2}, {4, 5}, {4, 6}, {0, 4}});
}

TEST_CASE("a rank folds the largest nodes of the tree within its shards") {
  const auto nodes = [](uint32_t count, uint32_t rank, uint32_t ranks) {
    convforge_collective collective = {};
    collective.rank = rank;
    collective.ranks = ranks;
    const Shards shards{.count = count, .collective = &collective};
    std::vector<std::pair<uint32_t, uint32_t>> list;
    for (const convforge_part& part : ShardFold(shards).parts) list.emplace_back(part.first, part.end);
    return list;
  };
  using Nodes = std::vector<std::pair<uint32_t, uint32_t>>;
  CHECK(nodes(8, 1, 2) == Nodes{{4, 8}});
  CHECK(nodes(8, 0, 3) == Nodes{{0, 2}});
  CHECK(nodes(8, 1, 3) == Nodes{{2, 4}, {4, 5}});
  CHECK(nodes(8, 2, 3) == Nodes{{5, 6}, {6, 8}});
  CHECK(nodes(3, 1, 2) == Nodes{{1, 2}, {2, 3}});
}
