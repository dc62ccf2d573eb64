// Programs of one model for inputs of several shapes, which share their weights.
#include "program/state.h"

#include <doctest/doctest.h>

#include "program/jobs.h"
#include "runtime/error.h"
#include "test/mixed_program.h"
#include "test/support.h"

using namespace convforge;
using namespace convforge::test;

namespace {

// Weights that don't depend on the input's size: a convolution, statistics, and a dense layer behind global pooling.
ProgramDescription pooled_whole(double height, double width) {
  const int64_t h = static_cast<int64_t>(height);
  const int64_t w = static_cast<int64_t>(width);
  Builder b({h, w, 3});
  b.add("rescaling", {{"scale", 1.0 / 255}, {"offset", -0.25}}, {}, {h, w, 3});
  b.add("conv2d", {{"strides", Numbers{1, 1}}, {"dilation", Numbers{1, 1}}, {"padding", Numbers{1, 1, 1, 1}}},
        {{"kernel", {3, 3, 3, 33}}, {"bias", {33}}}, {h, w, 33});
  b.add("batchNormalization", {{"epsilon", 1e-3}, {"momentum", 0.9}},
        {{"gamma", {33}}, {"beta", {33}}, {"moving_mean", {33}, false}, {"moving_variance", {33}, false}}, {h, w, 33});
  b.add("activation", {{"kind", std::string("relu")}}, {}, {h, w, 33});
  b.add("dropout", {{"rate", 0.25}, {"stream", 3.0}}, {}, {h, w, 33});
  b.add("pool2d",
        {{"kind", std::string("average")},
         {"size", Numbers{height, width}},
         {"strides", Numbers{height, width}},
         {"padding", Numbers{0, 0, 0, 0}}},
        {}, {1, 1, 33});
  b.add("reshape", {}, {}, {33});
  b.add("dense", {}, {{"kernel", {33, 7}}, {"bias", {7}}}, {7});
  b.add("activation", {{"kind", std::string("softmax")}}, {}, {7});
  return with_every_rule(trained_by_adam(b.description, true));
}

void step(Run& run, Team& team) { run.program.run_training(run.whole_step(), 20, team); }

// The moving variance isn't random: a negative one would make all predictions NaN.
void write_variance(State& state) {
  for (size_t i = 0; i < state.parameters().size(); ++i) {
    const Parameter& parameter = state.parameters()[i];
    if (parameter.name.find("moving_variance") == std::string::npos) continue;
    state.write_weight(i, std::vector<float>(static_cast<size_t>(parameter.size), 1.0f).data());
  }
}

void copy_state(State& from, State& to) {
  const Arrays weights = weights_of(from);
  for (size_t i = 0; i < weights.size(); ++i) to.write_weight(i, weights[i].data());
  for (size_t slot = 0; slot < from.optimizer().slot_names().size(); ++slot) {
    const Arrays values = copies(from, [&](const std::vector<float*>& places) { from.read_slot(slot, places); });
    for (size_t i = 0; i < values.size(); ++i) to.write_slot(slot, i, values[i].data());
  }
  to.optimizer().iterations = from.optimizer().iterations.load();
}

std::string code_of_sharing(const Program& program, const ProgramDescription& description) {
  try {
    const Program other(description, program.shared_state());
  } catch (const Error& error) {
    return error.code();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("programs that share a state train in turns as if the state were copied between them") {
  Run wide(pooled_whole(7, 12), true);
  Run high(pooled_whole(13, 6), true, 0.3f, wide.program.shared_state());
  write_variance(wide.program.state());
  Run wide_alone(pooled_whole(7, 12), true);
  Run high_alone(pooled_whole(13, 6), true);
  copy_state(wide.program.state(), wide_alone.program.state());
  lead_team(2, [&](Team& team) {
    for (int turn = 0; turn < 4; ++turn) {
      step(wide, team);
      step(wide_alone, team);
      copy_state(wide_alone.program.state(), high_alone.program.state());
      step(high, team);
      step(high_alone, team);
      copy_state(high_alone.program.state(), wide_alone.program.state());
    }
    CHECK(wide.program.state().optimizer().iterations == 8);
    const Arrays shared = weights_of(wide.program.state());
    const Arrays alone = weights_of(wide_alone.program.state());
    for (size_t i = 0; i < shared.size(); ++i) CHECK(same_bits(shared[i], alone[i]));
    CHECK(wide.totals.loss == wide_alone.totals.loss);
    CHECK(high.totals.loss == high_alone.totals.loss);
    // A plan recomputes what it keeps of the weights, whichever program changed them.
    std::vector<float> before(20 * 7), after(20 * 7), expected(20 * 7);
    wide.predict(0, 20, before.data(), team);
    step(high, team);
    step(high_alone, team);
    copy_state(high_alone.program.state(), wide_alone.program.state());
    wide.predict(0, 20, after.data(), team);
    wide_alone.predict(0, 20, expected.data(), team);
    CHECK(!same_bits(after, before));
    CHECK(same_bits(after, expected));
  });
}

TEST_CASE("a state outlives the program that made it, and is one subject for the scheduler") {
  auto first = std::make_shared<Program>(pooled_whole(7, 12));
  const auto second = std::make_shared<Program>(pooled_whole(13, 6), first->shared_state());
  const auto finish = [](std::exception_ptr) {};
  const ReadJob of_first(nullptr, first, {}, finish);
  const ReadJob of_second(nullptr, second, {}, finish);
  CHECK(of_first.subject() == of_second.subject());
  const std::vector<float> ones(33, 1.0f);
  first->state().write_weight(1, ones.data());
  first.reset();
  CHECK(same_bits(weights_of(second->state())[1], ones));
  second->state().disposed.store(true);
  CHECK_THROWS_AS(ReadJob(nullptr, second, {}, finish), Error);
}

TEST_CASE("a finished job releases its program") {
  auto program = std::make_shared<Program>(pooled_whole(7, 12));
  const std::weak_ptr<Program> watched = program;
  ReadJob job(nullptr, std::move(program), {}, [](std::exception_ptr) {});
  CHECK(!watched.expired());
  Team team = Team::serial();
  CHECK(job.step(team));
  job.finished(nullptr);
  CHECK(watched.expired());
}

TEST_CASE("only a program that differs in nothing but its shapes can share a state") {
  const Program program(pooled_whole(7, 12));
  CHECK(code_of_sharing(program, pooled_whole(70, 3)) == "accepted");
  CHECK(code_of_sharing(program, mixed_program(true)) == "INVALID_ARGUMENT");
  ProgramDescription d = pooled_whole(9, 9);
  d.nodes[2].parameters.pop_back();
  CHECK(code_of_sharing(program, d) == "INVALID_ARGUMENT");
  d = pooled_whole(9, 9);
  d.nodes[2].name = "other";
  CHECK(code_of_sharing(program, d) == "INVALID_ARGUMENT");
  d = pooled_whole(9, 9);
  d.nodes[8].parameters[0].trainable = false;
  CHECK(code_of_sharing(program, d) == "INVALID_ARGUMENT");
  d = pooled_whole(9, 9);
  d.training.reset();
  CHECK(code_of_sharing(program, d) == "INVALID_ARGUMENT");
  d = pooled_whole(9, 9);
  d.training->optimizer.kind = "adamax";
  CHECK(code_of_sharing(program, d) == "INVALID_ARGUMENT");
}
