#include "program/rematerialization.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "test/mixed_program.h"
#include "test/support.h"

using namespace convforge;
using namespace convforge::test;

namespace {

// A chain of nodes of one input each. Each output takes `bytes`, and the op saves `saved`.
KeptMemory chain(size_t nodes, size_t bytes, size_t saved) {
  KeptMemory memory;
  memory.values.push_back({.bytes = bytes, .source = 0, .needed = true, .stays = true});
  for (size_t i = 0; i < nodes; ++i) {
    memory.values.push_back({.bytes = bytes, .source = i + 1, .needed = true, .stays = i + 1 == nodes});
    memory.nodes.push_back({.inputs = {i}, .first_value = i + 1, .outputs = 1, .saved = saved});
  }
  return memory;
}

// Blocks of two convolutions with batch normalization, dropout and a shortcut.
ProgramDescription deep_program(int blocks) {
  const Shape shape = {13, 11, 16};
  Builder b({13, 11, 3});
  const auto conv = [&b, &shape](int64_t channels) {
    b.add("conv2d", {{"strides", Numbers{1, 1}}, {"dilation", Numbers{1, 1}}, {"padding", Numbers{1, 1, 1, 1}}},
          {{"kernel", {3, 3, channels, 16}}}, shape);
    b.add("batchNormalization", {{"epsilon", 1e-3}, {"momentum", 0.9}},
          {{"gamma", {16}}, {"beta", {16}}, {"moving_mean", {16}, false}, {"moving_variance", {16}, false}}, shape);
  };
  const std::map<std::string, Attribute> relu = {{"kind", std::string("relu")}};
  b.add("rescaling", {{"scale", 1.0 / 255}, {"offset", -0.25}}, {}, {13, 11, 3});
  conv(3);
  b.add("activation", relu, {}, shape);
  for (int i = 0; i < blocks; ++i) {
    const int64_t from = static_cast<int64_t>(b.description.nodes.size()) - 1;
    conv(16);
    b.add("activation", relu, {}, shape);
    b.add("dropout", {{"rate", 0.25}, {"stream", static_cast<double>(i)}}, {}, shape);
    conv(16);
    b.add_to({from, static_cast<int64_t>(b.description.nodes.size()) - 1}, "add", {}, {}, shape);
    b.add("activation", relu, {}, shape);
  }
  b.add("reshape", {}, {}, {13 * 11 * 16});
  b.add("dense", {}, {{"kernel", {13 * 11 * 16, 7}}, {"bias", {7}}}, {7});
  b.add("activation", {{"kind", std::string("softmax")}}, {}, {7});
  return trained_by_adam(b.description, true);
}

uint64_t hash_of_training(const ProgramDescription& description, bool rematerialize) {
  Run run(description, true, 0.1f);
  Team team = Team::serial();
  run.rematerialize = rematerialize;
  run.train(team);
  return run.hash_weights();
}

size_t count_again(const Program::Explanation& explanation) {
  return static_cast<size_t>(std::count_if(explanation.passes.begin(), explanation.passes.end(),
                                           [](const Pass& pass) { return pass.kind == "recompute"; }));
}

}  // namespace

TEST_CASE("a chain is cut where its limit is reached") {
  const Recomputation again = cut_into_segments(chain(10, 100, 0), 300);
  // Each segment keeps one value, which leaves less for the next one.
  CHECK(again.segment_ends == std::vector<size_t>{3, 5, 6, 7, 8, 9, 10});
  CHECK(again.kept == std::vector<bool>{true, false, false, true, false, true, true, true, true, true, true});
  CHECK(again.again == std::vector<bool>{true, true, false, true, false, false, false, false, false, false});
}

TEST_CASE("a chain that fits isn't cut") {
  const Recomputation again = cut_into_segments(chain(10, 100, 50), 1500);
  CHECK(again.segment_ends == std::vector<size_t>{10});
  CHECK(std::find(again.again.begin(), again.again.end(), true) == again.again.end());
}

TEST_CASE("an op that saves something is computed again even if its output is kept") {
  const Recomputation again = cut_into_segments(chain(4, 100, 100), 400);
  CHECK(again.segment_ends == std::vector<size_t>{2, 3, 4});
  CHECK(again.again == std::vector<bool>{true, true, true, false});
}

TEST_CASE("what the backward pass doesn't need isn't computed again, unless a node that is needs it") {
  KeptMemory memory = chain(4, 100, 0);
  for (const size_t value : {1, 2}) memory.values[value].needed = false;
  // The third value is kept, so nobody needs the first two.
  Recomputation again = cut_into_segments(memory, 150);
  CHECK(again.segment_ends == std::vector<size_t>{3, 4});
  CHECK(again.again == std::vector<bool>{false, false, false, false});
  memory.nodes[2].saved = 10;
  again = cut_into_segments(memory, 150);
  CHECK(again.again == std::vector<bool>{true, true, true, false});
}

TEST_CASE("a view is kept with its source") {
  KeptMemory memory = chain(4, 100, 0);
  memory.values[2].source = 1;
  memory.values[2].bytes = 0;
  const Recomputation again = cut_into_segments(memory, 150);
  CHECK(again.segment_ends[0] == 2);
  CHECK(again.kept[1]);
  CHECK(again.kept[2]);
}

TEST_CASE("cuts are where little crosses") {
  KeptMemory memory = chain(6, 100, 0);
  // The fourth node reads the first one's output, too.
  memory.nodes[3].inputs.push_back(1);
  CHECK(cut_into_segments(memory, 400).segment_ends[0] == 4);
}

TEST_CASE("training with recomputation gives the same bits in less memory") {
  const ProgramDescription deep = deep_program(6);
  CHECK(hash_of_training(deep, true) == hash_of_training(deep, false));
  Program program(deep);
  const Program::Explanation whole = program.explain(Program::Mode::kTrain, 9);
  const Program::Explanation again = program.explain(Program::Mode::kRematerialize, 9);
  CHECK(3 * again.arena_bytes < 2 * whole.arena_bytes);
  CHECK(count_again(whole) == 0);
  CHECK(count_again(again) > 0);
}

TEST_CASE("training with recomputation gives the same bits for other programs") {
  for (const auto& description :
       {mixed_program(true), residual_program(true), normalized_program(), pooled_program()}) {
    CHECK(hash_of_training(description, true) == hash_of_training(description, false));
  }
}

TEST_CASE("a program can change between the two ways to train") {
  const ProgramDescription deep = deep_program(3);
  const auto train = [&deep](std::vector<bool> ways) {
    Run run(deep, true, 0.1f);
    Team team = Team::serial();
    for (const bool way : ways) {
      run.rematerialize = way;
      run.train(team);
    }
    return run.hash_weights();
  };
  const uint64_t expected = train({false, false, false});
  CHECK(train({true, false, true}) == expected);
  CHECK(train({false, true, true}) == expected);
}
