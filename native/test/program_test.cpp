// Whole programs: the same bits for any number of threads and any instruction set, and no allocation in a step.
#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>

#include "program/program.h"
#include "runtime/error.h"
#include "test/support.h"

using namespace convforge;
using namespace convforge::test;

namespace {

std::atomic<bool> counting{false};
std::atomic<size_t> allocations{0};

void* counted_allocation(size_t bytes, size_t alignment) {
  if (counting.load(std::memory_order_relaxed)) allocations.fetch_add(1);
  void* p = std::aligned_alloc(alignment, round_up(bytes == 0 ? 1 : bytes, alignment));
  if (!p) throw std::bad_alloc();
  return p;
}

}  // namespace

void* operator new(size_t bytes) { return counted_allocation(bytes, alignof(std::max_align_t)); }
void* operator new[](size_t bytes) { return counted_allocation(bytes, alignof(std::max_align_t)); }
void* operator new(size_t bytes, std::align_val_t alignment) { return counted_allocation(bytes, static_cast<size_t>(alignment)); }
void* operator new(size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  if (counting.load(std::memory_order_relaxed)) allocations.fetch_add(1);
  const size_t whole = round_up(bytes, static_cast<size_t>(alignment));
  return whole < bytes ? nullptr : std::aligned_alloc(static_cast<size_t>(alignment), whole);
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, size_t) noexcept { std::free(p); }
void operator delete[](void* p, size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, size_t, std::align_val_t) noexcept { std::free(p); }

namespace {

// Adds nodes one by one, each taking the one before.
class Builder {
 public:
  explicit Builder(Shape input) { add("input", {}, {}, std::move(input)); }

  Builder& add(const std::string& op, std::map<std::string, Attribute> attributes, std::vector<ParameterDescription> parameters, Shape shape) {
    NodeDescription node;
    node.name = op + "_" + std::to_string(description.nodes.size());
    node.op = op;
    if (!description.nodes.empty()) node.inputs = {static_cast<int64_t>(description.nodes.size()) - 1};
    node.attributes = std::move(attributes);
    node.parameters = std::move(parameters);
    node.shape = std::move(shape);
    description.nodes.push_back(node);
    return *this;
  }

  ProgramDescription description;
};

using Numbers = std::vector<double>;

// Odd sizes, padding, stride, dilation, fused and free pooling, dropout, every activation, a dense layer with a row a page long.
ProgramDescription mixed_program(bool sparse) {
  Builder b({13, 11, 3});
  b.add("rescaling", {{"scale", 1.0 / 255}, {"offset", -0.25}}, {}, {13, 11, 3});
  b.add("conv2d", {{"strides", Numbers{1, 1}}, {"dilation", Numbers{1, 1}}, {"padding", Numbers{1, 1, 1, 1}}},
        {{"kernel", {3, 3, 3, 33}}, {"bias", {33}}}, {13, 11, 33});
  b.add("activation", {{"kind", std::string("relu")}}, {}, {13, 11, 33});
  b.add("pool2d", {{"kind", std::string("max")}, {"size", Numbers{2, 2}}, {"strides", Numbers{2, 2}}, {"padding", Numbers{0, 0, 0, 0}}}, {},
        {6, 5, 33});
  b.add("conv2d", {{"strides", Numbers{2, 1}}, {"dilation", Numbers{1, 2}}, {"padding", Numbers{0, 1, 2, 1}}}, {{"kernel", {3, 2, 33, 20}}},
        {3, 6, 20});
  b.add("activation", {{"kind", std::string("tanh")}}, {}, {3, 6, 20});
  b.add("pool2d", {{"kind", std::string("average")}, {"size", Numbers{3, 3}}, {"strides", Numbers{1, 2}}, {"padding", Numbers{1, 1, 1, 0}}},
        {}, {3, 3, 20});
  b.add("dropout", {{"rate", 0.25}, {"stream", 3.0}}, {}, {3, 3, 20});
  b.add("reshape", {}, {}, {180});
  b.add("dense", {}, {{"kernel", {180, 256}}, {"bias", {256}}}, {256});
  b.add("activation", {{"kind", std::string("sigmoid")}}, {}, {256});
  b.add("dense", {}, {{"kernel", {256, 7}}, {"bias", {7}}}, {7});
  b.add("activation", {{"kind", std::string("softmax")}}, {}, {7});
  TrainingDescription training;
  training.loss.kind = sparse ? "sparseCategoricalCrossentropy" : "categoricalCrossentropy";
  training.metrics = {sparse ? "sparseCategoricalAccuracy" : "categoricalAccuracy"};
  training.optimizer.kind = "adam";
  training.optimizer.learning_rate = 0.003;
  training.optimizer.beta1 = 0.9;
  training.optimizer.beta2 = 0.999;
  training.optimizer.epsilon = 1e-7;
  b.description.training = training;
  return b.description;
}

struct Run {
  explicit Run(bool sparse) : program(mixed_program(sparse)), x({20, 13, 11, 3}, Samples::Type::kUint8), y(targets(sparse)) {
    Random random(77);
    for (size_t i = 0; i < x.elements(); ++i) x.bytes()[i] = static_cast<uint8_t>(random.word());
    for (size_t i = 0; i < program.parameters().size(); ++i) {
      std::vector<float> values = random.uniforms(static_cast<size_t>(program.parameters()[i].size));
      for (float& value : values) value *= 0.3f;
      program.write_weight(i, values.data());
    }
    totals = program.empty_totals();
  }

  static Samples targets(bool sparse) {
    Samples y(sparse ? Shape{20} : Shape{20, 7}, sparse ? Samples::Type::kInt32 : Samples::Type::kFloat32);
    for (int i = 0; i < 20; ++i) {
      if (sparse) {
        reinterpret_cast<int32_t*>(y.bytes())[i] = i % 7;
      } else {
        reinterpret_cast<float*>(y.bytes())[i * 7 + i % 7] = 1.0f;
      }
    }
    return y;
  }

  // Two epochs in batches of 9: two whole ones and a rest of 2.
  void train(Team& team) {
    for (int epoch = 0; epoch < 2; ++epoch) {
      for (size_t first = 0; first < 20; first += 9) {
        Step step;
        step.n = static_cast<int>(std::min<size_t>(9, 20 - first));
        step.x = &x;
        step.y = &y;
        step.first = first;
        step.seed = 1234567890123;
        step.totals = &totals;
        program.run_training(step, 9, team);
      }
    }
  }

  uint64_t hash_weights() const {
    uint64_t result = hash(&totals.loss, sizeof(totals.loss));
    for (const std::vector<float>& weight : program.read_weights()) result = hash(weight.data(), weight.size() * sizeof(float), result);
    return result;
  }

  Program program;
  Samples x;
  Samples y;
  Totals totals;
};

uint64_t trained(int threads, bool sparse) {
  Run run(sparse);
  lead_team(threads, [&](Team& team) { run.train(team); });
  CHECK(run.totals.samples == 40);
  CHECK(run.totals.batches == 6);
  CHECK(run.totals.loss / 40 < 2.5);
  return run.hash_weights();
}

// Of this test's own training run, seen alike on AVX-512, AVX2, NEON and the scalar target. A change here is a change of results for
// users: it belongs into the change log. One-hot targets and classes do the same arithmetic.
constexpr uint64_t kHash = 11521335473422595483u;

}  // namespace

TEST_CASE("training gives the same bits for 1, 2, 3 and 5 threads, and on every instruction set and processor") {
  for (const int threads : {1, 2, 3, 5}) {
    CAPTURE(threads);
    CHECK(trained(threads, true) == kHash);
    CHECK(trained(threads, false) == kHash);
  }
}

TEST_CASE("a training step, an evaluation and a prediction allocate nothing") {
  Run run(true);
  std::vector<float> outputs(20 * run.program.output_size());
  lead_team(2, [&](Team& team) {
    const auto everything = [&] {
      run.train(team);
      Step step;
      step.n = 20;
      step.x = &run.x;
      step.y = &run.y;
      step.totals = &run.totals;
      run.program.run_evaluation(step, 20, team);
      run.program.run_prediction(step, 20, outputs.data(), team);
    };
    everything();
    allocations = 0;
    counting = true;
    everything();
    counting = false;
  });
  CHECK(allocations.load() == 0);
  std::make_unique<int>(1);
  counting = true;
  auto counted = std::make_unique<std::vector<int>>(10);
  counting = false;
  CHECK(allocations.load() > 0);
}

TEST_CASE("a prediction has the same bits however the set is cut into batches") {
  Run run(true);
  const size_t size = run.program.output_size();
  std::vector<float> whole(20 * size), parts(20 * size);
  lead_team(3, [&](Team& team) {
    Step step;
    step.n = 20;
    step.x = &run.x;
    run.program.run_prediction(step, 20, whole.data(), team);
    for (size_t i = 0; i < 20; ++i) {
      step.n = 1;
      step.first = i;
      run.program.run_prediction(step, 1, parts.data() + i * size, team);
    }
  });
  CHECK(same_bits(whole, parts));
}

TEST_CASE("weights come back as they were written") {
  Run run(true);
  const Program::Arrays weights = run.program.read_weights();
  Random random(77);
  for (size_t i = 0; i < run.x.elements(); ++i) random.word();
  for (size_t p = 0; p < weights.size(); ++p) {
    std::vector<float> wanted = random.uniforms(weights[p].size());
    for (float& value : wanted) value *= 0.3f;
    CHECK(same_bits(weights[p], wanted));
  }
}

TEST_CASE("what doesn't fit is refused with the layer's name") {
  const auto code_of = [](ProgramDescription description) {
    try {
      const Program program(description);
    } catch (const Error& error) {
      return error.code() + " " + error.layer();
    }
    return std::string("accepted");
  };
  CHECK(code_of(mixed_program(true)) == "accepted");
  ProgramDescription d = mixed_program(true);
  d.nodes[2].shape = {13, 11, 32};
  CHECK(code_of(d) == "SHAPE_MISMATCH conv2d_2");
  d = mixed_program(true);
  d.nodes[2].attributes["strides"] = Numbers{0, 1};
  CHECK(code_of(d) == "INVALID_ARGUMENT conv2d_2");
  d = mixed_program(true);
  d.nodes[5].inputs = {0};
  CHECK(code_of(d) == "UNSUPPORTED conv2d_5");
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
