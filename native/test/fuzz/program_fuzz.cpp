// libFuzzer's target for the program parser: whatever a program describes, it is refused with an Error, or it is
// planned and runs. scripts/native-tests.sh fuzz builds and runs it, with AddressSanitizer and
// UndefinedBehaviorSanitizer.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "program/program.h"
#include "runtime/denormals.h"
#include "runtime/error.h"
#include "test/fuzz/describe.h"
#include "test/fuzz/target.h"

namespace convforge::fuzz {
namespace {

// Larger programs are planned, but not run, since a fuzzer should take thousands of steps a minute.
constexpr size_t kMaxArenaBytes = size_t{4} << 20;
constexpr size_t kMaxWeights = size_t{1} << 18;
constexpr size_t kMaxSampleFloats = size_t{1} << 20;
constexpr int kBatch = 3;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

Samples make_samples(Choices& choices, Shape shape, Samples::Type type, int range) {
  shape.insert(shape.begin(), kBatch);
  Samples samples(shape, type);
  std::vector<float> floats(samples.elements());
  std::vector<int32_t> wholes(samples.elements());
  std::vector<uint8_t> bytes(samples.elements());
  const double extreme = choices.rarely() ? choices.hostile() : 0;
  for (size_t i = 0; i < samples.elements(); ++i) {
    wholes[i] = static_cast<int32_t>(i * 7 % static_cast<size_t>(range));
    bytes[i] = static_cast<uint8_t>(wholes[i]);
    floats[i] = static_cast<float>(wholes[i]) / 8 - 1;
  }
  if (extreme != 0 && !floats.empty()) floats[floats.size() / 2] = static_cast<float>(extreme);
  const void* values = type == Samples::Type::kFloat32 ? static_cast<const void*>(floats.data())
                       : type == Samples::Type::kInt32 ? static_cast<const void*>(wholes.data())
                                                       : static_cast<const void*>(bytes.data());
  samples.write(values, 0, samples.elements());
  return samples;
}

// A program, with the data of one batch.
class Run {
 public:
  Run(const ProgramDescription& description, Choices& choices) : program_(description) {
    size_t floats = 0;
    for (size_t i = 0; i < program_.input_count(); ++i)
      floats += static_cast<size_t>(checked_size(program_.input_shape(i), "input", ""));
    for (size_t i = 0; i < program_.output_count(); ++i) floats += program_.output_size(i);
    has_data_ = floats <= kMaxSampleFloats;
    if (!has_data_) return;
    for (size_t i = 0; i < program_.input_count(); ++i) {
      const Samples::Type type = static_cast<Samples::Type>(choices.below(3));
      x_.push_back(make_samples(choices, program_.input_shape(i), type, 17));
    }
    add_targets(description, choices);
    for (const Samples& set : x_) step_.push_back(&set);
    for (const Samples& set : y_) targets_.push_back(&set);
    for (size_t i = 0; i < program_.state().parameters().size(); ++i) {
      std::vector<float> values(static_cast<size_t>(program_.state().parameters()[i].size));
      for (size_t j = 0; j < values.size(); ++j) values[j] = static_cast<float>(j * 5 % 13) / 16 - 0.375f;
      program_.state().write_weight(i, values.data());
    }
  }

  // Whether it is small enough to run in this mode. Plans it.
  bool is_small(Program::Mode mode) {
    size_t weights = 0;
    for (const Parameter& parameter : program_.state().parameters()) weights += parameter.stored;
    const Program::Explanation plan = program_.explain(mode, kBatch);
    return has_data_ && weights <= kMaxWeights && plan.arena_bytes + plan.scratch_bytes <= kMaxArenaBytes;
  }

  void predict() {
    if (!is_small(Program::Mode::kPredict)) return;
    program_.check_inputs(step_);
    const std::vector<std::vector<float>> first = outputs(kBatch);
    if (!same(first, outputs(kBatch))) fail("two predictions of the same samples differ");
    outputs(1);
  }

  void train(bool rematerialize) {
    program_.check_purpose(false);
    // Of both, so that the weights of both can be compared.
    if (!is_small(Program::Mode::kTrain) || !is_small(Program::Mode::kRematerialize)) return;
    program_.check_inputs(step_);
    program_.check_targets(kBatch, targets_, {}, nullptr);
    Totals totals = program_.empty_totals();
    program_.run_training(step(kBatch, &totals), kBatch, team_, {.rematerialize = rematerialize});
    program_.run_training(step(1, &totals), kBatch, team_, {.rematerialize = rematerialize});
    totals = program_.empty_totals();
    program_.run_evaluation(step(kBatch, &totals), kBatch, team_);
    totals = program_.empty_totals();
    program_.run_gradients(step(kBatch, &totals), kBatch, team_);
  }

  void compute_value_gradients() {
    program_.check_purpose(true);
    if (!is_small(Program::Mode::kValueGradients)) return;
    program_.check_value_gradients(kBatch, targets_, {});
    program_.check_inputs(step_);
    std::vector<std::vector<float>> gradients;
    for (size_t i = 0; i < program_.gradient_count(); ++i) gradients.emplace_back(kBatch * program_.gradient_size(i));
    std::vector<float*> to;
    for (std::vector<float>& each : gradients) to.push_back(each.data());
    std::vector<std::vector<float>> values = empty_outputs(kBatch);
    Totals totals = program_.empty_totals();
    program_.run_value_gradients(step(kBatch, &totals), kBatch, pointers(values).data(), to.data(), team_);
  }

  std::vector<std::vector<float>> weights() const {
    std::vector<std::vector<float>> values;
    for (const Parameter& parameter : program_.state().parameters())
      values.emplace_back(static_cast<size_t>(parameter.size));
    program_.state().read_weights(pointers(values));
    return values;
  }
  const std::shared_ptr<State>& state() const { return program_.shared_state(); }

  static bool same(const std::vector<std::vector<float>>& a, const std::vector<std::vector<float>>& b) {
    for (size_t i = 0; i < a.size(); ++i) {
      for (size_t j = 0; j < a[i].size(); ++j) {
        // The sign and the payload of a NaN may differ.
        if (std::isnan(a[i][j]) && std::isnan(b[i][j])) continue;
        if (std::memcmp(&a[i][j], &b[i][j], sizeof(float)) != 0) return false;
      }
    }
    return true;
  }

 private:
  void add_targets(const ProgramDescription& description, Choices& choices) {
    if (description.value_gradients && !description.value_gradients->of_loss) {
      add_target(description.outputs[0], description, false, choices);
      return;
    }
    if (!description.training) return;
    for (size_t i = 0; i < description.training->outputs.size(); ++i) {
      if (!description.training->outputs[i]) continue;
      const bool sparse = description.training->outputs[i]->loss.kind == "sparseCategoricalCrossentropy";
      add_target(description.outputs[i], description, sparse, choices);
    }
  }

  void add_target(const ValueReference& output, const ProgramDescription& description, bool sparse, Choices& choices) {
    Shape shape = description.nodes[static_cast<size_t>(output.node)].outputs[static_cast<size_t>(output.output)].shape;
    const int classes = sparse && !shape.empty() ? static_cast<int>(std::min<int64_t>(shape.back(), 9)) : 9;
    if (sparse && !shape.empty()) shape.pop_back();
    y_.push_back(make_samples(choices, shape, sparse ? Samples::Type::kInt32 : Samples::Type::kFloat32, classes));
  }

  Step step(int n, Totals* totals) {
    Step step;
    step.n = n;
    step.x = step_.data();
    step.y = targets_.data();
    step.seed = 5;
    step.totals = totals;
    return step;
  }

  std::vector<std::vector<float>> empty_outputs(int n) const {
    std::vector<std::vector<float>> values;
    for (size_t i = 0; i < program_.output_count(); ++i)
      values.emplace_back(static_cast<size_t>(n) * program_.output_size(i));
    return values;
  }

  static std::vector<float*> pointers(std::vector<std::vector<float>>& values) {
    std::vector<float*> result;
    for (std::vector<float>& each : values) result.push_back(each.data());
    return result;
  }

  std::vector<std::vector<float>> outputs(int n) {
    std::vector<std::vector<float>> values = empty_outputs(n);
    program_.run_prediction(step(n, nullptr), kBatch, pointers(values).data(), team_);
    return values;
  }

  Program program_;
  bool has_data_ = false;
  Team team_ = Team::serial();
  std::vector<Samples> x_;
  std::vector<Samples> y_;
  Program::SampleSets step_;
  Program::SampleSets targets_;
};

// What may throw an Error, and nothing else.
template <typename Action>
void guarded(const Action& action) {
  try {
    action();
  } catch (const Error&) {
  }
}

void run(const uint8_t* data, size_t size) {
  Choices choices(data, size);
  const ProgramDescription description = describe(choices);
  const FlushDenormals flush;
  const Choices of_data = choices;
  Run first(description, choices);
  guarded([&] { const Program shared(description, first.state()); });
  guarded([&] { first.predict(); });
  guarded([&] { first.compute_value_gradients(); });
  guarded([&] { first.train(false); });
  if (choices.flag()) return;
  Choices again = of_data;
  Run second(description, again);
  guarded([&] { second.train(true); });
  if (!Run::same(first.weights(), second.weights()))
    fail("training that computes values again ends with other weights");
}

}  // namespace
}  // namespace convforge::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  convforge::fuzz::guarded([&] { convforge::fuzz::run(data, size); });
  return 0;
}
