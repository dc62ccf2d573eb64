// Nodes of several outputs.
#include <doctest/doctest.h>

#include "runtime/error.h"
#include "test/mixed_program.h"
#include "test/support.h"

using namespace convforge;
using namespace convforge::test;

namespace {

// Adds a split of the last node along its last axis.
void split(Builder& b, const Numbers& sizes) {
  Shape part = b.description.nodes.back().outputs[0].shape;
  std::vector<ValueDescription> outputs;
  for (const double size : sizes) {
    part.back() = static_cast<int64_t>(size);
    outputs.push_back({part});
  }
  b.add("split", {{"axis", static_cast<double>(part.size() - 1)}, {"sizes", sizes}}, {}, outputs[0].shape);
  b.description.nodes.back().outputs = std::move(outputs);
}

// A dense layer cut into parts of 7, 5 and 7. The first and the last are joined twice; the second is read where `reads`
// is set.
ProgramDescription split_program(bool reads) {
  Builder b({13, 11, 3});
  b.add("reshape", {}, {}, {429});
  b.add("dense", {}, {{"kernel", {429, 19}}, {"bias", {19}}}, {19});
  split(b, {7, 5, 7});
  b.add_to({{3, 2}, 3, {3, 2}}, "add", {}, {}, {7});
  if (reads) {
    b.add_to({{3, 1}}, "dense", {}, {{"kernel", {5, 7}}}, {7});
    b.add_to({4, 5}, "add", {}, {}, {7});
  }
  b.add("activation", {{"kind", std::string("softmax")}}, {}, {7});
  return trained_by_adam(b.description, true);
}

uint64_t trained(const ProgramDescription& description, int threads) {
  Run run(description, true, 0.01f);
  lead_team(threads, [&](Team& team) { run.train(team); });
  return run.hash_weights();
}

std::string code_of(const ProgramDescription& description) {
  try {
    Program program(description);
  } catch (const Error& error) {
    return error.code() + " " + error.layer();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a program with a node of several outputs gives the same bits for any number of threads") {
  for (const bool reads : {true, false}) {
    const uint64_t one = trained(split_program(reads), 1);
    for (const int threads : {2, 3, 5}) CHECK(trained(split_program(reads), threads) == one);
  }
}

TEST_CASE("a program plans one pass each way for a node of several outputs, and no memory for one that is unread") {
  Program program(split_program(false));
  std::vector<std::string> passes;
  for (const Pass& pass : program.explain(Program::Mode::kTrain, 9).passes) {
    if (pass.node == "split_3") passes.push_back(pass.kind);
  }
  CHECK(passes == std::vector<std::string>{"forward", "gradient sum", "backward"});
  // While the dense layer's output is cut, it and both parts that are read are alive.
  const auto bytes = [](size_t floats) { return round_up(9 * floats * sizeof(float), kLineBytes); };
  Builder b({19});
  split(b, {7, 5, 7});
  b.add_to({1, {1, 2}}, "add", {}, {}, {7});
  Program alone(b.description);
  CHECK(alone.explain(Program::Mode::kPredict, 9).arena_bytes == bytes(19) + 2 * bytes(7));
}

TEST_CASE("a program with outputs that aren't there or don't fit is refused") {
  CHECK(code_of(split_program(true)) == "accepted");
  ProgramDescription d = split_program(true);
  d.nodes[5].inputs = {{3, 3}};
  CHECK(code_of(d) == "INVALID_ARGUMENT dense_5");
  d = split_program(true);
  d.nodes[3].outputs.pop_back();
  CHECK(code_of(d) == "INVALID_ARGUMENT split_3");
  d = split_program(true);
  d.nodes[3].outputs[2].shape = {5};
  CHECK(code_of(d) == "SHAPE_MISMATCH split_3");
  d = split_program(true);
  d.nodes[3].attributes["sizes"] = Numbers{7, 5, 6};
  CHECK(code_of(d) == "SHAPE_MISMATCH split_3");
  d = split_program(true);
  d.nodes[3].attributes["sizes"] = Numbers{7, 12, 0};
  CHECK(code_of(d) == "INVALID_ARGUMENT split_3");
  d = split_program(true);
  d.nodes[3].attributes["axis"] = 1.0;
  CHECK(code_of(d) == "INVALID_ARGUMENT split_3");
}
