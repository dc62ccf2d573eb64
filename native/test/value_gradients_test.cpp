// Gradients by the values of nodes.
#include <doctest/doctest.h>

#include "runtime/error.h"
#include "test/mixed_program.h"
#include "test/support.h"

using namespace convforge;
using namespace convforge::test;

namespace {

constexpr int kSamples = 20;

ProgramDescription with_gradients(ProgramDescription description, std::vector<ValueReference> by, bool of_loss) {
  description.value_gradients = {.by = std::move(by), .of_loss = of_loss};
  return description;
}

Samples factors() {
  Samples samples({kSamples, 7}, Samples::Type::kFloat32);
  const std::vector<float> values = Random(5).uniforms(samples.elements());
  std::copy(values.begin(), values.end(), reinterpret_cast<float*>(samples.bytes()));
  return samples;
}

// All outputs, then all gradients, of a program with the weights of `run`.
std::vector<float> computed(const Run& run, const ProgramDescription& description, int threads) {
  Program program(description, run.program.shared_state());
  const Samples other = factors();
  const Samples* const y[] = {description.value_gradients->of_loss ? &run.y : &other};
  Totals totals = program.empty_totals();
  Step step;
  step.n = kSamples;
  step.x = run.inputs;
  step.y = y;
  step.seed = 77;
  step.totals = &totals;
  Arrays arrays;
  for (size_t i = 0; i < program.output_count(); ++i) arrays.emplace_back(kSamples * program.output_size(i));
  for (size_t i = 0; i < program.gradient_count(); ++i) arrays.emplace_back(kSamples * program.gradient_size(i));
  std::vector<float*> places;
  for (std::vector<float>& array : arrays) places.push_back(array.data());
  lead_team(threads, [&](Team& team) {
    program.run_value_gradients(step, kSamples, places.data(), places.data() + program.output_count(), team);
  });
  std::vector<float> all;
  for (const std::vector<float>& array : arrays) all.insert(all.end(), array.begin(), array.end());
  return all;
}

}  // namespace

TEST_CASE("gradients by values have the same bits for any number of threads, and change no weights") {
  for (const ProgramDescription& description : {mixed_program(true), normalized_program()}) {
    for (const bool of_loss : {true, false}) {
      CAPTURE(of_loss);
      const Run run(description, true);
      const Arrays before = weights_of(run.program.state());
      // Gradients by the inputs alone, and by inner values too, which are then not fused.
      for (const std::vector<ValueReference>& by :
           {std::vector<ValueReference>{0}, std::vector<ValueReference>{0, 2, 3, 5}}) {
        const ProgramDescription wanted = with_gradients(description, by, of_loss);
        const std::vector<float> one = computed(run, wanted, 1);
        for (const int threads : {2, 3, 5}) CHECK(same_bits(computed(run, wanted, threads), one));
        CHECK(std::any_of(one.begin() + kSamples * 7, one.end(), [](float value) { return value != 0; }));
      }
      const Arrays after = weights_of(run.program.state());
      for (size_t i = 0; i < before.size(); ++i) CHECK(same_bits(before[i], after[i]));
    }
  }
}

TEST_CASE("gradients by values are refused where they don't fit, and in other programs") {
  const auto code_of = [](auto&& call) {
    try {
      call();
    } catch (const Error& error) {
      return error.code();
    }
    return std::string("accepted");
  };
  const ProgramDescription description = mixed_program(true);
  CHECK(code_of([&] { Program program(with_gradients(description, {99}, true)); }) == "INVALID_ARGUMENT");
  CHECK(code_of([&] { Program program(with_gradients(description, {-1}, true)); }) == "INVALID_ARGUMENT");
  const Run run(description, true);
  CHECK(code_of([&] { run.program.check_value_gradients(kSamples, {&run.y}, {}); }) == "INVALID_ARGUMENT");
  const Program of_loss(with_gradients(description, {0}, true));
  CHECK(code_of([&] { of_loss.check_value_gradients(kSamples, {&run.y}, {}); }) == "accepted");
  CHECK(code_of([&] { of_loss.check_purpose(false); }) == "INVALID_ARGUMENT");
  const Program of_output(with_gradients(description, {0}, false));
  CHECK(code_of([&] { of_output.check_value_gradients(kSamples, {&run.y}, {}); }) == "SHAPE_MISMATCH");
  const Samples right = factors();
  CHECK(code_of([&] { of_output.check_value_gradients(kSamples, {&right}, {}); }) == "accepted");
  CHECK(code_of([&] { of_output.check_value_gradients(kSamples + 1, {&right}, {}); }) == "SHAPE_MISMATCH");
}
