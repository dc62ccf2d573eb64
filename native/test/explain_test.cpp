#include <doctest/doctest.h>

#include <numeric>
#include <string>
#include <vector>

#include "program/measure.h"
#include "runtime/error.h"
#include "targets/dispatch.h"
#include "test/mixed_program.h"

using namespace convforge;
using namespace convforge::test;

namespace {

std::vector<std::string> names(const Program::Explanation& e) {
  std::vector<std::string> result;
  for (const Pass& pass : e.passes) {
    if (!pass.kind.empty()) result.push_back(pass.node + " " + pass.kind);
  }
  return result;
}

const Pass& find(const Program::Explanation& e, const std::string& node, const std::string& kind) {
  for (const Pass& pass : e.passes) {
    if (pass.node == node && pass.kind == kind) return pass;
  }
  throw Error("INTERNAL", "there is no pass '" + node + " " + kind + "'");
}

}  // namespace

TEST_CASE("a program explains how each mode is computed, in order") {
  Program program(mixed_program(true));
  const Program::Explanation e = program.explain(Program::Mode::kTrain, 9);
  CHECK(e.capacity == 9);
  CHECK(names(e) == std::vector<std::string>{
                        "input_0 read", "conv2d_2 forward", "conv2d_5 forward", "pool2d_7 forward", "dropout_8 forward",
                        "dense_10 forward", "dense_12 forward", "loss loss", "dense_12 kernel gradient",
                        "dense_12 input gradient", "dense_10 kernel gradient", "dense_10 input gradient",
                        "dropout_8 backward", "pool2d_7 backward", "conv2d_5 kernel gradient",
                        "conv2d_5 input gradient", "conv2d_2 kernel gradient", "optimizer update"});
  CHECK(names(program.explain(Program::Mode::kPredict, 1)) ==
        std::vector<std::string>{"input_0 read", "conv2d_2 forward", "conv2d_5 forward", "pool2d_7 forward",
                                 "dense_10 forward", "dense_12 forward", "activation_13 forward"});
  CHECK(find(e, "input_0", "read").fused == "rescaling");
  const Pass& conv = find(e, "conv2d_2", "forward");
  CHECK(conv.fused == "bias, relu, max-pooling 2x2");
  CHECK(conv.flops == 2.0 * 13 * 11 * 27 * 33);
  CHECK(conv.workspace > 0);
  const Pass& dense = find(e, "dense_10", "kernel gradient");
  CHECK(dense.fused == "bias, sigmoid");
  CHECK(dense.flops == 2.0 * 180 * 256);
  CHECK(find(e, "loss", "loss").fused == "softmax");
  CHECK(find(e, "pool2d_7", "backward").bytes == 4.0 * (3 * 6 * 20 + 3 * 3 * 20));
  CHECK(find(e, "optimizer", "update").step_bytes == 7.0 * static_cast<double>(e.weight_bytes));
  CHECK(e.gradient_bytes == e.weight_bytes);
  CHECK(e.optimizer_bytes == 2 * e.weight_bytes);
  CHECK(e.arena_bytes > 0);
  CHECK(e.scratch_bytes > 0);
  CHECK(e.profile.steps == 0);
}

TEST_CASE("sums, and gradient sums of values that are used several times, are passes of their own") {
  Program program(residual_program(true));
  const Program::Explanation e = program.explain(Program::Mode::kTrain, 9);
  const Pass& joined = find(e, "add_8", "forward");
  CHECK(joined.fused == "relu");
  CHECK(joined.bytes == 3.0 * 4 * 13 * 11 * 3);
  CHECK(find(e, "add_8", "backward").bytes == 3.0 * 4 * 13 * 11 * 3);
  CHECK(find(e, "add_14", "forward").bytes == 5.0 * 4 * 7 * 6 * 33);
  CHECK(find(e, "add_3", "gradient sum").bytes == 3.0 * 4 * 13 * 11 * 3);
  // Gradients come from its view and from its two uses in the sum.
  CHECK(find(e, "conv2d_12", "gradient sum").bytes == 4.0 * 4 * 7 * 6 * 33);
  // A sum without an activation passes its gradient on unchanged.
  CHECK_THROWS_AS(find(e, "add_18", "backward"), Error);
}

TEST_CASE("a plan for a larger batch takes more memory, which is freed unless the plan runs") {
  Program program(mixed_program(true));
  const size_t small = program.explain(Program::Mode::kTrain, 9).arena_bytes;
  CHECK(program.explain(Program::Mode::kTrain, 90).arena_bytes > 2 * small);
  CHECK(program.explain(Program::Mode::kTrain, 0).capacity == 32);
  ProgramDescription untrained = mixed_program(true);
  untrained.training.reset();
  Program only_predicts(untrained);
  CHECK_THROWS_AS(only_predicts.explain(Program::Mode::kTrain, 1), Error);
  CHECK_THROWS_AS(only_predicts.explain(Program::Mode::kEvaluate, 1), Error);
  CHECK(only_predicts.explain(Program::Mode::kPredict, 1).gradient_bytes == 0);
}

TEST_CASE("passes are timed on request only") {
  Run run(true);
  const auto explain = [&run] { return run.program.explain(Program::Mode::kTrain, 0); };
  lead_team(2, [&](Team& team) {
    run.train(team);
    CHECK(explain().capacity == 9);
    CHECK(explain().profile.steps == 0);
    run.program.measure(true);
    run.train(team);
    const Program::Explanation e = explain();
    CHECK(e.profile.steps == 6);
    CHECK(e.profile.samples == 40);
    CHECK(e.profile.seconds > 0);
    const std::vector<double>& times = e.profile.by_pass;
    REQUIRE(times.size() == e.passes.size());
    CHECK(std::accumulate(times.begin(), times.end(), 0.0) == doctest::Approx(e.profile.seconds));
    for (size_t i = 1; i < times.size(); ++i) CHECK(times[i] > 0);
    CHECK(run.program.explain(Program::Mode::kTrain, 10).profile.steps == 0);
    CHECK(run.program.explain(Program::Mode::kPredict, 0).profile.steps == 0);
    run.program.measure(false);
    run.train(team);
    CHECK(explain().profile.steps == 0);
  });
}

TEST_CASE("timing changes no result") {
  Run plain(true);
  Run timed(true);
  timed.program.measure(true);
  lead_team(2, [&](Team& team) {
    plain.train(team);
    timed.train(team);
  });
  CHECK(plain.hash_weights() == timed.hash_weights());
}

TEST_CASE("the peak counts the operations of its multiply-add chains") {
  for (const KernelTable* table : supported_kernels()) {
    FmaPeak peak;
    peak.rounds = 100;
    table->fma_peak(peak);
    const double chains = peak.flops / (2.0 * 100 * table->lanes);
    CHECK(chains >= 8);
    // Each chain converges to 2.
    CHECK(peak.result == doctest::Approx(2 * chains));
  }
}

TEST_CASE("the machine is measured the requested number of times") {
  const auto measure = [](MeasureJob& job) {
    lead_team(1, [&job](Team& team) {
      while (!job.step(team)) continue;
    });
    return job.rates();
  };
  const auto ignore = [](std::exception_ptr) {};
  MeasurePeakJob peak(nullptr, 1, 3, ignore);
  MeasureCopyJob copy(nullptr, 1, 2, ignore);
  const std::vector<double> flops = measure(peak);
  const std::vector<double> bytes = measure(copy);
  CHECK(flops.size() == 3);
  CHECK(bytes.size() == 2);
  for (const double rate : flops) CHECK(rate > 0);
  for (const double rate : bytes) CHECK(rate > 0);
  CHECK_THROWS_AS(MeasurePeakJob(nullptr, 0, 1, ignore), Error);
  CHECK_THROWS_AS(MeasurePeakJob(nullptr, static_cast<size_t>(Scheduler::instance().threads()) + 1, 1, ignore), Error);
  CHECK_THROWS_AS(MeasurePeakJob(nullptr, 1, 0, ignore), Error);
}
