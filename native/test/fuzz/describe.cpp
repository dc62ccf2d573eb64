#include "test/fuzz/describe.h"

#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "ops/op.h"
#include "runtime/error.h"
#include "test/fuzz/nodes.h"

namespace convforge {

using MakeOp = std::unique_ptr<Op>(const NodeDescription&, const Shape&);
using MakeOpOfSeveral = std::unique_ptr<Op>(const NodeDescription&, const std::vector<Shape>&);

#define OP(name) MakeOp make_##name;
#define OP_OF_SEVERAL(name) MakeOpOfSeveral make_##name;
#include "ops/ops.inc"
#undef OP
#undef OP_OF_SEVERAL

namespace fuzz {
namespace {

// The op, without the check of its declared outputs. Null if there is none of this name.
std::unique_ptr<Op> make_unchecked(const NodeDescription& node, const std::vector<Shape>& inputs) {
#define OP(name) \
  if (node.op == #name) return make_##name(node, inputs[0]);
#define OP_OF_SEVERAL(name) \
  if (node.op == #name) return make_##name(node, inputs);
#include "ops/ops.inc"
#undef OP
#undef OP_OF_SEVERAL
  return nullptr;
}

// An op may take as much memory as it declares weights, and some take that of a sample. Larger ones are left out.
constexpr double kMaxWeights = 0x1p16;
constexpr double kMaxSample = 0x1p22;

double elements(const Shape& shape) {
  double size = 1;
  for (const int64_t dimension : shape) size *= std::fabs(static_cast<double>(dimension));
  return size;
}

double declared_weights(const NodeDescription& node) {
  double sum = 0;
  for (const ParameterDescription& parameter : node.parameters) sum += elements(parameter.shape);
  return sum;
}

struct Value {
  ValueReference reference;
  Shape shape;
  bool used = false;
};

class ProgramMaker {
 public:
  explicit ProgramMaker(Choices& choices) : choices_(choices) {}

  ProgramDescription make() {
    add_input();
    if (choices_.byte() % 8 == 7) add_input();
    const size_t nodes = 1 + choices_.below(12);
    for (size_t i = 0; i < nodes; ++i) add_node();
    add_outputs();
    const uint8_t purpose = choices_.byte();
    if (purpose % 8 == 7) add_value_gradients();
    if (purpose % 8 != 6) add_training();
    return std::move(description_);
  }

 private:
  void add_input() {
    Shape shape;
    const size_t rank = std::vector<size_t>{3, 1, 2, 3, 3, 4, 0, 5}[choices_.below(8)];
    for (size_t i = 0; i < rank; ++i) shape.push_back(1 + static_cast<int64_t>(choices_.below(rank > 3 ? 5 : 14)));
    if (choices_.rarely() && rank > 0) shape[choices_.below(rank)] = int64_t{1} << choices_.below(40);
    NodeDescription node;
    node.op = "input";
    node.attributes["shape"] = std::vector<double>(shape.begin(), shape.end());
    const std::string dtype = choices_.word({"float32", "uint8", "int32", "float32"});
    if (choices_.flag()) node.attributes["dtype"] = dtype;
    node.outputs = {{shape, choices_.flag() || node.attributes.count("dtype") ? dtype : "float32"}};
    add(std::move(node));
  }

  void add(NodeDescription node) {
    const int64_t number = static_cast<int64_t>(description_.nodes.size());
    node.name = node.op + std::to_string(number);
    for (size_t i = 0; i < node.outputs.size(); ++i)
      values_.push_back({{number, static_cast<int64_t>(i)}, node.outputs[i].shape});
    description_.nodes.push_back(std::move(node));
  }

  // Mostly a late value.
  size_t any_value() {
    const uint8_t back = choices_.byte();
    return back < 160 ? values_.size() - 1 : (values_.size() - 1) - back % values_.size();
  }

  std::vector<size_t> inputs_of(const std::string& op, size_t first) {
    std::vector<size_t> inputs = {first};
    if (!takes_several(op)) return inputs;
    std::vector<size_t> alike;
    for (size_t i = 0; i < values_.size(); ++i) {
      if (values_[i].shape == values_[first].shape) alike.push_back(i);
    }
    const size_t more = op == "binary" ? 1 : op == "select" ? 2 : 1 + choices_.below(3);
    for (size_t i = 0; i < more; ++i) inputs.push_back(alike[choices_.below(alike.size())]);
    return inputs;
  }

  // Gives the node the attributes and weights of an earlier one.
  void share(NodeDescription* node) {
    const size_t other = choices_.below(description_.nodes.size());
    const NodeDescription& owner = description_.nodes[other];
    if (owner.op == "input") return;
    node->op = owner.op;
    node->attributes = owner.attributes;
    node->parameters = owner.parameters;
    node->shares_with = static_cast<int64_t>(other);
  }

  void add_node() {
    const size_t first = any_value();
    if (elements(values_[first].shape) > kMaxSample) return;
    NodeDescription node = make_any_node(choices_, values_[first].shape);
    if (choices_.byte() >= 224) share(&node);
    const std::vector<size_t> inputs = inputs_of(node.op, first);
    std::vector<Shape> shapes;
    for (const size_t input : inputs) {
      shapes.push_back(values_[input].shape);
      node.inputs.push_back(values_[input].reference);
    }
    if (choices_.rarely()) node.inputs.push_back({choices_.byte() - 8, choices_.byte() - 250});
    if (declared_weights(node) > kMaxWeights || !mend_outputs(&node, shapes)) return;
    for (const size_t input : inputs) values_[input].used = true;
    add(std::move(node));
  }

  // Declares the outputs that the op has. An op that is refused is mostly left out.
  bool mend_outputs(NodeDescription* node, const std::vector<Shape>& inputs) {
    node->name = "mended";
    node->outputs = {{inputs[0]}};
    try {
      const std::unique_ptr<Op> op = make_unchecked(*node, inputs);
      if (!op) return true;
      node->outputs.clear();
      for (size_t i = 0; i < op->output_count(); ++i) node->outputs.push_back({op->output(i)});
    } catch (const Error&) {
      return choices_.byte() >= 240;
    }
    if (choices_.rarely()) node->outputs[0].shape.push_back(1);
    return true;
  }

  void add_outputs() {
    for (const Value& value : values_) {
      if (!value.used) description_.outputs.push_back(value.reference);
    }
    if (choices_.byte() >= 224) description_.outputs.push_back(values_[any_value()].reference);
    if (choices_.rarely()) description_.outputs.push_back({choices_.byte(), choices_.byte()});
  }

  void add_value_gradients() {
    description_.value_gradients.emplace();
    const size_t count = 1 + choices_.below(3);
    for (size_t i = 0; i < count; ++i) description_.value_gradients->by.push_back(values_[any_value()].reference);
    description_.value_gradients->of_loss = choices_.flag();
  }

  double number_or_hostile(double number) { return choices_.rarely() ? choices_.hostile() : number; }

  LossDescription loss() {
    LossDescription loss;
    loss.kind = choices_.word({"meanSquaredError", "sparseCategoricalCrossentropy", "categoricalCrossentropy",
                               "binaryCrossentropy", "categoricalFocalCrossentropy", "binaryFocalCrossentropy",
                               "halfSquaredError", "meanAbsoluteError", "meanAbsolutePercentageError",
                               "meanSquaredLogarithmicError", "huber", "logCosh", "hinge", "squaredHinge",
                               "categoricalHinge", "klDivergence", "poisson", "cosineSimilarity", "none"});
    const uint8_t more = choices_.byte();
    loss.from_logits = more & 1;
    if (more & 2) loss.label_smoothing = number_or_hostile(0.25);
    if (more & 4) loss.delta = number_or_hostile(0.5);
    if (more & 8) loss.gamma = number_or_hostile(1.5);
    if (more & 16) loss.alpha = number_or_hostile(0.25);
    if (more & 32) loss.ignore_class = number_or_hostile(choices_.between(-1, 3));
    return loss;
  }

  MetricDescription metric() {
    MetricDescription metric;
    metric.kind =
        choices_.word({"mean", "binaryAccuracy", "categoricalAccuracy", "sparseCategoricalAccuracy",
                       "topKCategoricalAccuracy", "sparseTopKCategoricalAccuracy", "classCounts", "scoreCounts"});
    if (choices_.flag()) metric.threshold = number_or_hostile(0.5);
    metric.k = number_or_hostile(choices_.between(1, 5));
    metric.thresholds = number_or_hostile(choices_.between(2, 9));
    metric.loss = loss();
    return metric;
  }

  ScheduleDescription schedule() {
    ScheduleDescription schedule;
    schedule.kind = choices_.word({"exponentialDecay", "inverseTimeDecay", "polynomialDecay", "cosineDecay",
                                   "cosineDecayRestarts", "piecewiseConstantDecay", "oneCycle"});
    for (const char* key : {"initialLearningRate", "decaySteps", "decayRate", "endLearningRate", "power", "alpha",
                            "warmupSteps", "firstDecaySteps", "tMul", "mMul", "maxLearningRate", "divFactor",
                            "finalDivFactor", "totalSteps", "pctStart"})
      schedule.attributes[key] = number_or_hostile(0.5);
    schedule.attributes["staircase"] = schedule.attributes["cycle"] = choices_.flag();
    schedule.attributes["boundaries"] = std::vector<double>{number_or_hostile(1)};
    schedule.attributes["values"] = std::vector<double>(1 + choices_.below(3), number_or_hostile(0.1));
    return schedule;
  }

  OptimizerDescription optimizer() {
    OptimizerDescription made;
    made.kind = choices_.word({"sgd", "adam", "adamax", "nadam", "rmsprop", "adagrad", "adadelta", "lion"});
    made.learning_rate = number_or_hostile(0.01);
    made.momentum = number_or_hostile(choices_.flag() ? 0.9 : 0);
    made.beta1 = number_or_hostile(0.9);
    made.beta2 = number_or_hostile(0.99);
    made.epsilon = number_or_hostile(1e-7);
    made.rho = number_or_hostile(0.9);
    made.initial_accumulator = number_or_hostile(0.1);
    const uint8_t more = choices_.byte();
    made.nesterov = more & 1;
    made.amsgrad = more & 2;
    made.centered = more & 4;
    if (more & 8) made.weight_decay = number_or_hostile(0.01);
    if (more & 16) made.ema_momentum = number_or_hostile(0.9);
    if (more & 16) made.ema_overwrite_frequency = choices_.below(3);
    if (more & 32) made.accumulation_steps = choices_.below(4);
    if (more & 64) made.schedule = schedule();
    double* const clips[] = {&made.clip_norm, &made.clip_value, &made.global_clip_norm};
    if (more & 128) *clips[choices_.below(3)] = number_or_hostile(0.5);
    return made;
  }

  void add_training() {
    TrainingDescription training;
    for (size_t i = 0; i < description_.outputs.size(); ++i) {
      training.outputs.emplace_back();
      if (i > 0 && choices_.byte() % 4 == 3) continue;
      OutputTraining output;
      output.loss = loss();
      output.weight = number_or_hostile(1);
      if (choices_.flag()) output.metrics.push_back(metric());
      training.outputs.back() = std::move(output);
    }
    if (choices_.rarely()) training.outputs.emplace_back();
    training.optimizer = optimizer();
    description_.training = std::move(training);
  }

  Choices& choices_;
  ProgramDescription description_;
  std::vector<Value> values_;
};

}  // namespace

ProgramDescription describe(Choices& choices) { return ProgramMaker(choices).make(); }

}  // namespace fuzz
}  // namespace convforge
