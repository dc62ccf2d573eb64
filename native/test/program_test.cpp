// Whole programs: the same bits for any number of threads and any instruction set.
#include <doctest/doctest.h>

#include "runtime/error.h"
#include "test/mixed_program.h"
#include "test/support.h"

using namespace convforge;
using namespace convforge::test;

namespace {

uint64_t trained(int threads, const ProgramDescription& description, bool sparse, float weights) {
  Run run(description, sparse, weights);
  lead_team(threads, [&](Team& team) { run.train(team); });
  CHECK(run.totals.samples == 40);
  CHECK(run.totals.batches == 6);
  CHECK(run.totals.loss / 40 < 2.5);
  return run.hash_weights();
}

// Hashes of this test's training runs, the same on AVX-512, AVX2, NEON and the scalar target. A change here changes
// results for users and belongs in the change log. One-hot targets and classes do the same arithmetic.
constexpr uint64_t kHash = 6871611465135209468u;
constexpr uint64_t kPooledHash = 7904218767480827269u;
constexpr uint64_t kResidualHash = 12522162826249495456u;
constexpr uint64_t kNormalizedHash = 5967829315362181683u;

std::string code_of(const ProgramDescription& description) {
  try {
    const Program program(description);
  } catch (const Error& error) {
    return error.code() + " " + error.layer();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("training gives the same bits for 1, 2, 3 and 5 threads, and on every instruction set and processor") {
  for (const int threads : {1, 2, 3, 5}) {
    CAPTURE(threads);
    CHECK(trained(threads, mixed_program(true), true, 0.3f) == kHash);
    CHECK(trained(threads, mixed_program(false), false, 0.3f) == kHash);
    CHECK(trained(threads, pooled_program(), true, 0.08f) == kPooledHash);
    CHECK(trained(threads, residual_program(true), true, 0.3f) == kResidualHash);
    CHECK(trained(threads, residual_program(false), false, 0.3f) == kResidualHash);
    CHECK(trained(threads, normalized_program(), true, 0.3f) == kNormalizedHash);
  }
}

TEST_CASE("a prediction has the same bits for any batch size") {
  Run run(true);
  const size_t size = run.program.output_size(0);
  std::vector<float> whole(20 * size), parts(20 * size);
  lead_team(3, [&](Team& team) {
    run.predict(0, 20, whole.data(), team);
    for (size_t i = 0; i < 20; ++i) run.predict(i, 1, parts.data() + i * size, team);
  });
  CHECK(same_bits(whole, parts));
}

// A plan recomputes what it keeps of the weights when they change, by training or by writing.
TEST_CASE("a prediction always uses the current weights") {
  Run run(pooled_program(), true, 0.08f);
  const size_t floats = 20 * run.program.output_size(0);
  const auto predicted = [floats](Run& by, Team& team) {
    std::vector<float> y(floats);
    by.predict(0, 20, y.data(), team);
    return y;
  };
  const auto afresh = [&](Team& team) {
    Run other(pooled_program(), true, 0.08f);
    const Arrays weights = weights_of(run.program.state());
    for (size_t i = 0; i < weights.size(); ++i) other.program.state().write_weight(i, weights[i].data());
    return predicted(other, team);
  };
  lead_team(2, [&](Team& team) {
    const std::vector<float> first = predicted(run, team);
    CHECK(same_bits(predicted(run, team), first));
    run.train(team);
    const std::vector<float> trained = predicted(run, team);
    CHECK(!same_bits(trained, first));
    CHECK(same_bits(trained, afresh(team)));
    std::vector<float> kernel = weights_of(run.program.state())[2];
    for (float& weight : kernel) weight = -weight;
    run.program.state().write_weight(2, kernel.data());
    const std::vector<float> written = predicted(run, team);
    CHECK(!same_bits(written, trained));
    CHECK(same_bits(written, afresh(team)));
  });
}

TEST_CASE("weights are read as they were written") {
  Run run(true);
  const Arrays weights = weights_of(run.program.state());
  Random random(77);
  for (size_t i = 0; i < run.x.elements(); ++i) random.word();
  for (size_t p = 0; p < weights.size(); ++p) {
    std::vector<float> expected = random.uniforms(weights[p].size());
    for (float& value : expected) value *= 0.3f;
    CHECK(same_bits(weights[p], expected));
  }
}

TEST_CASE("an invalid description is refused with the name of the layer") {
  CHECK(code_of(mixed_program(true)) == "accepted");
  ProgramDescription d = mixed_program(true);
  d.nodes[2].outputs[0].shape = {13, 11, 32};
  CHECK(code_of(d) == "SHAPE_MISMATCH conv2d_2");
  d = mixed_program(true);
  d.nodes[2].outputs[0].dtype = "int32";
  CHECK(code_of(d) == "INVALID_ARGUMENT conv2d_2");
  d = mixed_program(true);
  d.nodes[2].outputs.push_back(d.nodes[2].outputs[0]);
  CHECK(code_of(d) == "INVALID_ARGUMENT conv2d_2");
  d = mixed_program(true);
  d.nodes[2].inputs = {ValueReference(1, 1)};
  CHECK(code_of(d) == "INVALID_ARGUMENT conv2d_2");
  d = mixed_program(true);
  d.nodes[2].attributes["strides"] = Numbers{0, 1};
  CHECK(code_of(d) == "INVALID_ARGUMENT conv2d_2");
  for (const Attribute& groups : {Attribute(0.0), Attribute(1.5), Attribute(Numbers{3}), Attribute(1e300)}) {
    d = mixed_program(true);
    d.nodes[2].attributes["groups"] = groups;
    CHECK(code_of(d) == "INVALID_ARGUMENT conv2d_2");
  }
  d = mixed_program(true);
  d.nodes[2].attributes["groups"] = 3.0;
  CHECK(code_of(d) == "SHAPE_MISMATCH conv2d_2");
  d.nodes[2].parameters[0].shape = {3, 3, 1, 33};
  CHECK(code_of(d) == "accepted");
  d.nodes[2].parameters[0].shape = {3, 3, 1, 34};
  CHECK(code_of(d) == "SHAPE_MISMATCH conv2d_2");
  d = mixed_program(true);
  d.nodes[5].inputs = {0};
  CHECK(code_of(d) == "SHAPE_MISMATCH conv2d_5");
  d = mixed_program(true);
  d.nodes[10].parameters[0].shape = {181, 256};
  CHECK(code_of(d) == "SHAPE_MISMATCH dense_10");
  d = mixed_program(true);
  d.nodes[10].parameters[0].shape = {180, int64_t{1} << 40};
  CHECK(code_of(d) == "TOO_LARGE dense_10");
  d = mixed_program(true);
  d.nodes[8].attributes["rate"] = 1.0;
  CHECK(code_of(d) == "INVALID_ARGUMENT dropout_8");
}

TEST_CASE("an invalid graph is refused with the name of the layer") {
  CHECK(code_of(residual_program(true)) == "accepted");
  const auto with_inputs = [](size_t node, std::vector<ValueReference> inputs) {
    ProgramDescription d = residual_program(true);
    d.nodes[node].inputs = std::move(inputs);
    return code_of(d);
  };
  CHECK(with_inputs(8, {7, 8}) == "INVALID_ARGUMENT add_8");
  CHECK(with_inputs(8, {7, 99}) == "INVALID_ARGUMENT add_8");
  CHECK(with_inputs(8, {-1, 4}) == "INVALID_ARGUMENT add_8");
  CHECK(with_inputs(8, {7}) == "INVALID_ARGUMENT add_8");
  CHECK(with_inputs(8, {}) == "INVALID_ARGUMENT add_8");
  CHECK(with_inputs(8, {7, 6}) == "SHAPE_MISMATCH add_8");
  CHECK(with_inputs(9, {8, 8}) == "INVALID_ARGUMENT activation_9");
  CHECK(with_inputs(9, {}) == "INVALID_ARGUMENT activation_9");
  CHECK(with_inputs(14, {11, 13}) == "accepted");
  CHECK(with_inputs(14, {11, 12}) == "INVALID_ARGUMENT reshape_13");
}
