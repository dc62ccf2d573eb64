// Steps that other work interrupts, and steps that end early.
#include <doctest/doctest.h>

#include <atomic>
#include <vector>

#include "program/jobs.h"
#include "runtime/error.h"
#include "test/mixed_program.h"
#include "test/support.h"

using namespace convforge;
using namespace convforge::test;

namespace {

void same_weights(const Arrays& a, const Arrays& b) {
  REQUIRE(a.size() == b.size());
  for (size_t i = 0; i < a.size(); ++i) CHECK(same_bits(a[i], b[i]));
}

}  // namespace

TEST_CASE("a prediction between any two stages of a step sees the weights before it, and changes no result") {
  for (const ProgramDescription& description : {mixed_program(true), normalized_program()}) {
    Run alone(description, true);
    Run interrupted(description, true);
    std::vector<float> before(20 * 7), between(20 * 7);
    size_t pauses = 0;
    lead_team(2, [&](Team& team) {
      for (int turn = 0; turn < 2; ++turn) {
        interrupted.predict(0, 20, before.data(), team);
        alone.program.run_training(alone.whole_step(), 20, team);
        bool nested = false;
        team.on_pause([&] {
          if (nested) return;
          nested = true;
          interrupted.predict(0, 20, between.data(), team);
          CHECK(same_bits(between, before));
          nested = false;
          ++pauses;
        });
        interrupted.program.run_training(interrupted.whole_step(), 20, team);
        team.on_pause(nullptr);
      }
    });
    CHECK(pauses > 20);
    CHECK(interrupted.hash_weights() == alone.hash_weights());
  }
}

TEST_CASE("a step that ends early, before any stage or inside one, leaves weights and statistics as they were") {
  for (const ProgramDescription& description : {mixed_program(true), normalized_program()}) {
    Run run(description, true);
    Run whole(description, true);
    const Arrays before = weights_of(run.program.state());
    lead_team(2, [&](Team& team) {
      std::atomic<const char*> cancelled{nullptr};
      size_t ended = 0;
      for (bool ends = true; ends;) {
        Step step = run.whole_step();
        step.cancelled = &cancelled;
        cancelled = nullptr;
        size_t pauses = 0;
        team.on_pause([&] {
          if (pauses++ == ended) cancelled = "ABORTED";
        });
        try {
          run.program.run_training(step, 20, team);
          ends = false;
        } catch (const Interrupted&) {
          ++ended;
          same_weights(weights_of(run.program.state()), before);
          CHECK(run.program.state().optimizer().iterations == 0);
        }
      }
      CHECK(ended > 20);
      team.on_pause(nullptr);
      // The run that wasn't ended is the first step.
      whole.program.run_training(whole.whole_step(), 20, team);
    });
    same_weights(weights_of(run.program.state()), weights_of(whole.program.state()));
  }
}

TEST_CASE("a prediction that is cancelled ends without its results, and the next one is right") {
  Run run(normalized_program(), true);
  std::vector<float> expected(20 * 7), got(20 * 7);
  lead_team(2, [&](Team& team) {
    Run other(normalized_program(), true);
    other.predict(0, 20, expected.data(), team);
    std::atomic<const char*> cancelled{"ABORTED"};
    Step step;
    step.n = 20;
    step.x = run.inputs;
    step.cancelled = &cancelled;
    float* const outputs[] = {got.data()};
    CHECK_THROWS_AS(run.program.run_prediction(step, 20, outputs, team), Interrupted);
    // Cancelled inside, when stages for new weights have begun.
    for (int pauses = 1; pauses < 12; ++pauses) {
      int seen = 0;
      cancelled = nullptr;
      team.on_pause([&] {
        if (++seen == pauses) cancelled = "ABORTED";
      });
      CHECK_THROWS_AS(run.program.run_prediction(step, 20, outputs, team), Interrupted);
    }
    team.on_pause(nullptr);
    run.predict(0, 20, got.data(), team);
  });
  CHECK(same_bits(got, expected));
}

TEST_CASE("values that wait to be written can be read at once, and are written in the order of their jobs") {
  const auto program = std::make_shared<Program>(mixed_program(true));
  State& state = program->state();
  const auto values = [&](float value) {
    StagedValues staged;
    staged.weights.emplace();
    for (const Parameter& parameter : state.parameters()) {
      staged.weights->push_back(std::make_shared<Samples>(Shape{1, parameter.size}, Samples::Type::kFloat32));
      const std::vector<float> filled(static_cast<size_t>(parameter.size), value);
      staged.weights->back()->write(filled.data(), 0, filled.size());
    }
    return staged;
  };
  const auto first_weight = [&] {
    return copies(state, [&](const std::vector<float*>& to) { state.read_newest({to, {}}); })[0][0];
  };
  const auto finish = [](std::exception_ptr) {};
  WriteJob first(nullptr, program, values(1), finish);
  WriteJob second(nullptr, program, values(2), finish);
  CHECK(state.jobs == 2);
  CHECK(first_weight() == 2);
  CHECK(weights_of(state)[0][0] == 0);
  Team team = Team::serial();
  CHECK(first.step(team));
  first.finished(nullptr);
  CHECK(weights_of(state)[0][0] == 1);
  CHECK(first_weight() == 2);
  second.finished(std::make_exception_ptr(Error("ABORTED", "never ran")));
  CHECK(first_weight() == 1);
  CHECK(state.jobs == 0);
}
