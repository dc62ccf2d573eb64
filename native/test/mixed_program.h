// Programs that cover many ops together, and a small training run.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "program/program.h"
#include "test/support.h"

namespace convforge::test {

using Arrays = std::vector<std::vector<float>>;

// Copies of what `read` writes for each parameter.
template <typename Read>
Arrays copies(const State& state, Read&& read) {
  Arrays arrays;
  for (const Parameter& parameter : state.parameters()) arrays.emplace_back(static_cast<size_t>(parameter.size));
  std::vector<float*> places;
  for (std::vector<float>& array : arrays) places.push_back(array.data());
  read(places);
  return arrays;
}

inline Arrays weights_of(const State& state) {
  return copies(state, [&](const std::vector<float*>& to) { state.read_weights(to); });
}

// Adds nodes one by one. Each takes the node before, or those that are named.
class Builder {
 public:
  explicit Builder(Shape input) { add("input", {}, {}, std::move(input)); }

  Builder& add_to(std::vector<ValueReference> inputs, const std::string& op,
                  std::map<std::string, Attribute> attributes, std::vector<ParameterDescription> parameters,
                  Shape shape) {
    add(op, std::move(attributes), std::move(parameters), std::move(shape));
    description.nodes.back().inputs = std::move(inputs);
    return *this;
  }

  Builder& add(const std::string& op, std::map<std::string, Attribute> attributes,
               std::vector<ParameterDescription> parameters, Shape shape) {
    NodeDescription node;
    node.name = op + "_" + std::to_string(description.nodes.size());
    node.op = op;
    if (!description.nodes.empty()) node.inputs = {static_cast<int64_t>(description.nodes.size()) - 1};
    node.attributes = std::move(attributes);
    if (op == "input" || op == "reshape") node.attributes["shape"] = std::vector<double>(shape.begin(), shape.end());
    node.parameters = std::move(parameters);
    node.outputs = {{std::move(shape)}};
    description.nodes.push_back(node);
    return *this;
  }

  ProgramDescription description;
};

using Numbers = std::vector<double>;

inline ProgramDescription trained_by_adam(ProgramDescription description, bool sparse) {
  TrainingDescription training;
  OutputTraining output;
  output.loss.kind = sparse ? "sparseCategoricalCrossentropy" : "categoricalCrossentropy";
  output.metrics = {{.kind = sparse ? "sparseCategoricalAccuracy" : "categoricalAccuracy"}, {.kind = "classCounts"}};
  training.outputs = {output};
  training.optimizer.kind = "adam";
  training.optimizer.learning_rate = 0.003;
  training.optimizer.beta1 = 0.9;
  training.optimizer.beta2 = 0.999;
  training.optimizer.epsilon = 1e-7;
  description.training = training;
  return description;
}

// The same program with every option of the optimizer, and with a regularizer and a constraint on every second weight.
inline ProgramDescription with_every_rule(ProgramDescription description) {
  bool ruled = false;
  for (NodeDescription& node : description.nodes) {
    for (ParameterDescription& parameter : node.parameters) {
      ruled = !ruled;
      if (!ruled) continue;
      parameter.regularizer = {.l1 = 1e-4, .l2 = 1e-3};
      parameter.constraint = {.kind = "norm", .minimum = 0.1, .maximum = 1.5, .rate = 0.5, .axes = {0}};
    }
  }
  OptimizerDescription& optimizer = description.training->optimizer;
  optimizer.schedule = {"inverseTimeDecay",
                        {{"initialLearningRate", 0.01}, {"decaySteps", 3.0}, {"decayRate", 0.5}, {"staircase", false}}};
  optimizer.amsgrad = true;
  optimizer.weight_decay = 0.01;
  optimizer.global_clip_norm = 0.5;
  optimizer.ema_momentum = 0.9;
  optimizer.ema_overwrite_frequency = 2;
  optimizer.accumulation_steps = 2;
  return description;
}

// Odd sizes, padding, stride, dilation, fused and separate pooling, dropout, every activation, and a dense layer whose
// rows are one page long.
inline ProgramDescription mixed_program(bool sparse) {
  Builder b({13, 11, 3});
  b.add("rescaling", {{"scale", 1.0 / 255}, {"offset", -0.25}}, {}, {13, 11, 3});
  b.add("conv2d", {{"strides", Numbers{1, 1}}, {"dilation", Numbers{1, 1}}, {"padding", Numbers{1, 1, 1, 1}}},
        {{"kernel", {3, 3, 3, 33}}, {"bias", {33}}}, {13, 11, 33});
  b.add("activation", {{"kind", std::string("relu")}}, {}, {13, 11, 33});
  b.add("pool2d",
        {{"kind", std::string("max")},
         {"size", Numbers{2, 2}},
         {"strides", Numbers{2, 2}},
         {"padding", Numbers{0, 0, 0, 0}}},
        {}, {6, 5, 33});
  b.add("conv2d", {{"strides", Numbers{2, 1}}, {"dilation", Numbers{1, 2}}, {"padding", Numbers{0, 1, 2, 1}}},
        {{"kernel", {3, 2, 33, 20}}}, {3, 6, 20});
  b.add("activation", {{"kind", std::string("tanh")}}, {}, {3, 6, 20});
  b.add("pool2d",
        {{"kind", std::string("average")},
         {"size", Numbers{3, 3}},
         {"strides", Numbers{1, 2}},
         {"padding", Numbers{1, 1, 1, 0}}},
        {}, {3, 3, 20});
  b.add("dropout", {{"rate", 0.25}, {"stream", 3.0}}, {}, {3, 3, 20});
  b.add("reshape", {}, {}, {180});
  b.add("dense", {}, {{"kernel", {180, 256}}, {"bias", {256}}}, {256});
  b.add("activation", {{"kind", std::string("sigmoid")}}, {}, {256});
  b.add("dense", {}, {{"kernel", {256, 7}}, {"bias", {7}}}, {7});
  b.add("activation", {{"kind", std::string("softmax")}}, {}, {7});
  return trained_by_adam(b.description, sparse);
}

// The same inputs and classes: two residual blocks, the second with a projection; the input and a value used three
// times; a sum of a node with itself; dropout and views in between.
inline ProgramDescription residual_program(bool sparse) {
  const auto conv = [](double stride) {
    return std::map<std::string, Attribute>{
        {"strides", Numbers{stride, stride}}, {"dilation", Numbers{1, 1}}, {"padding", Numbers{1, 1, 1, 1}}};
  };
  const std::map<std::string, Attribute> relu = {{"kind", std::string("relu")}};
  Builder b({13, 11, 3});
  b.add("rescaling", {{"scale", 1.0 / 255}, {"offset", -0.25}}, {}, {13, 11, 3});
  b.add("conv2d", conv(1), {{"kernel", {3, 3, 3, 3}}, {"bias", {3}}}, {13, 11, 3});
  b.add_to({1, 2, 1}, "add", {}, {}, {13, 11, 3});
  b.add("activation", relu, {}, {13, 11, 3});
  b.add("conv2d", conv(1), {{"kernel", {3, 3, 3, 20}}, {"bias", {20}}}, {13, 11, 20});
  b.add("activation", relu, {}, {13, 11, 20});
  b.add("conv2d", conv(1), {{"kernel", {3, 3, 20, 3}}}, {13, 11, 3});
  b.add_to({7, 4}, "add", {}, {}, {13, 11, 3});
  b.add("activation", relu, {}, {13, 11, 3});
  b.add("conv2d", conv(2), {{"kernel", {3, 3, 3, 33}}}, {7, 6, 33});
  b.add("dropout", {{"rate", 0.25}, {"stream", 3.0}}, {}, {7, 6, 33});
  b.add_to({9}, "conv2d", {{"strides", Numbers{2, 2}}, {"dilation", Numbers{1, 1}}, {"padding", Numbers{0, 0, 0, 0}}},
           {{"kernel", {1, 1, 3, 33}}}, {7, 6, 33});
  b.add("reshape", {}, {}, {7, 6, 33});
  b.add_to({11, 12, 13, 12}, "add", {}, {}, {7, 6, 33});
  b.add("activation", {{"kind", std::string("tanh")}}, {}, {7, 6, 33});
  b.add("reshape", {}, {}, {1386});
  b.add("dense", {}, {{"kernel", {1386, 7}}, {"bias", {7}}}, {7});
  b.add_to({17, 17}, "add", {}, {}, {7});
  b.add("rescaling", {{"scale", 0.0625}, {"offset", 0.5}}, {}, {7});
  b.add("activation", {{"kind", std::string("softmax")}}, {}, {7});
  return trained_by_adam(b.description, sparse);
}

// The same inputs and classes: every normalization, with and without ReLU, over sets within one task and over sets that
// several tasks share.
inline ProgramDescription normalized_program() {
  const std::map<std::string, Attribute> batch = {{"epsilon", 0.001}, {"momentum", 0.9}};
  const auto conv = [](Builder& b, Shape kernel, const Shape& shape) {
    b.add("conv2d", {{"strides", Numbers{1, 1}}, {"dilation", Numbers{1, 1}}, {"padding", Numbers{1, 1, 1, 1}}},
          {{"kernel", std::move(kernel)}}, shape);
  };
  const auto normalize = [&batch](Builder& b, int64_t channels, Shape shape) {
    b.add("batchNormalization", batch,
          {{"gamma", {channels}},
           {"beta", {channels}},
           {"moving_mean", {channels}, false},
           {"moving_variance", {channels}, false}},
          std::move(shape));
  };
  const std::map<std::string, Attribute> relu = {{"kind", std::string("relu")}};
  Builder b({13, 11, 3});
  b.add("rescaling", {{"scale", 1.0 / 255}, {"offset", -0.25}}, {}, {13, 11, 3});
  conv(b, {3, 3, 3, 290}, {13, 11, 290});
  normalize(b, 290, {13, 11, 290});
  b.add("activation", relu, {}, {13, 11, 290});
  conv(b, {3, 3, 290, 20}, {13, 11, 20});
  b.add("groupNormalization", {{"epsilon", 0.001}, {"groups", 4.0}}, {{"gamma", {20}}}, {13, 11, 20});
  b.add("activation", relu, {}, {13, 11, 20});
  b.add("layerNormalization", {{"epsilon", 0.001}, {"axes", 1.0}}, {{"gamma", {20}}, {"beta", {20}}}, {13, 11, 20});
  b.add("reshape", {}, {}, {2860});
  b.add("layerNormalization", {{"epsilon", 0.001}, {"axes", 1.0}}, {{"beta", {2860}}}, {2860});
  b.add("dense", {}, {{"kernel", {2860, 7}}}, {7});
  normalize(b, 7, {7});
  b.add("activation", {{"kind", std::string("softmax")}}, {}, {7});
  return trained_by_adam(b.description, true);
}

// Convolutions whose gradients are sparse after max-pooling, with odd sizes and numbers of filters.
inline ProgramDescription pooled_program() {
  const auto convolution = [](Builder& b, Numbers padding, Shape kernel, Shape shape, Shape pooled) {
    const int64_t filters = kernel[3];
    b.add("conv2d", {{"strides", Numbers{1, 1}}, {"dilation", Numbers{1, 1}}, {"padding", std::move(padding)}},
          {{"kernel", std::move(kernel)}, {"bias", {filters}}}, shape);
    b.add("activation", {{"kind", std::string("relu")}}, {}, shape);
    b.add("pool2d",
          {{"kind", std::string("max")},
           {"size", Numbers{2, 2}},
           {"strides", Numbers{2, 2}},
           {"padding", Numbers{0, 0, 0, 0}}},
          {}, std::move(pooled));
  };
  Builder b({29, 27, 1});
  b.add("rescaling", {{"scale", 1.0 / 255}, {"offset", 0.0}}, {}, {29, 27, 1});
  convolution(b, {0, 0, 0, 0}, {5, 5, 1, 33}, {25, 23, 33}, {12, 11, 33});
  convolution(b, {2, 2, 2, 2}, {5, 5, 33, 40}, {12, 11, 40}, {6, 5, 40});
  convolution(b, {1, 1, 0, 1}, {3, 3, 40, 20}, {6, 4, 20}, {3, 2, 20});
  b.add("reshape", {}, {}, {120});
  b.add("dense", {}, {{"kernel", {120, 7}}, {"bias", {7}}}, {7});
  b.add("activation", {{"kind", std::string("softmax")}}, {}, {7});
  return trained_by_adam(b.description, true);
}
struct Run {
  explicit Run(bool sparse) : Run(mixed_program(sparse), sparse) {}
  // A program with 7 classes.
  Run(const ProgramDescription& description, bool sparse, float weights = 0.3f, std::shared_ptr<State> shared = nullptr)
      : program(description, std::move(shared)),
        x(samples_of(description.nodes[0].outputs[0].shape), Samples::Type::kUint8),
        y(classes(sparse)) {
    Random random(77);
    for (size_t i = 0; i < x.elements(); ++i) x.bytes()[i] = static_cast<uint8_t>(random.word());
    for (size_t i = 0; i < program.state().parameters().size(); ++i) {
      std::vector<float> values = random.uniforms(static_cast<size_t>(program.state().parameters()[i].size));
      for (float& value : values) value *= weights;
      program.state().write_weight(i, values.data());
    }
    totals = program.empty_totals();
  }

  static Shape samples_of(Shape shape) {
    shape.insert(shape.begin(), 20);
    return shape;
  }

  static Samples classes(bool sparse) {
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

  // Two epochs in batches of 9: two full batches and one of 2.
  void train(Team& team) {
    for (int epoch = 0; epoch < 2; ++epoch) {
      for (size_t first = 0; first < 20; first += 9) {
        Step step;
        step.n = static_cast<int>(std::min<size_t>(9, 20 - first));
        step.x = inputs;
        step.y = targets;
        step.first = first;
        step.seed = 1234567890123;
        step.totals = &totals;
        program.run_training(step, 9, team, {.rematerialize = rematerialize, .shards = shards});
      }
    }
  }

  // A training step on all samples.
  Step whole_step() {
    Step step;
    step.n = 20;
    step.x = inputs;
    step.y = targets;
    step.seed = 99;
    step.totals = &totals;
    return step;
  }

  // The outputs for n samples from `first` on.
  void predict(size_t first, int n, float* y, Team& team) {
    Step step;
    step.n = n;
    step.first = first;
    step.x = inputs;
    float* const outputs[] = {y};
    program.run_prediction(step, n, outputs, team);
  }

  uint64_t hash_weights() const {
    uint64_t result = hash(&totals.loss, sizeof(totals.loss));
    for (const std::vector<float>& weight : weights_of(program.state()))
      result = hash(weight.data(), weight.size() * sizeof(float), result);
    return result;
  }

  Program program;
  Samples x;
  Samples y;
  const Samples* inputs[1] = {&x};
  const Samples* targets[1] = {&y};
  Totals totals;
  bool rematerialize = false;
  Shards shards;
};

}  // namespace convforge::test
