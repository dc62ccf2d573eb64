// A program as TypeScript describes it, before it is checked. The meaning of each field: lib/program/description.ts; of
// ops and their attributes: lib/program/contracts/.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "plan/shape.h"

namespace convforge {

using Attribute = std::variant<double, bool, std::string, std::vector<double>>;

struct RegularizerDescription {
  double l1 = 0;
  double l2 = 0;
};

struct ConstraintDescription {
  std::string kind;  // "nonNeg" or "norm"
  double minimum = 0;
  double maximum = 0;
  double rate = 1;
  std::vector<int64_t> axes;
};

struct ParameterDescription {
  std::string name;
  Shape shape;
  bool trainable = true;
  std::optional<RegularizerDescription> regularizer = {};
  std::optional<ConstraintDescription> constraint = {};
};

// A value of the program: an output of a node.
struct ValueReference {
  ValueReference(int64_t node, int64_t output = 0) : node(node), output(output) {}  // NOLINT: a node's first output

  int64_t node;
  int64_t output;
};

// "node 3", or "output 1 of node 3".
std::string to_string(const ValueReference& value);

struct ValueDescription {
  Shape shape;
  std::string dtype = "float32";
};

struct NodeDescription {
  std::string name;
  std::string op;
  std::vector<ValueReference> inputs;
  std::map<std::string, Attribute> attributes;
  std::vector<ParameterDescription> parameters;
  std::vector<ValueDescription> outputs;
  std::optional<int64_t> shares_with;

  // Throws Error unless it declares outputs of these shapes, all of this type.
  void expect_outputs(const std::vector<Shape>& shapes, const std::string& dtype) const;

  // Attributes by name, checked. All throw Error INVALID_ARGUMENT that names this node and the attribute.
  double number(const std::string& key) const;
  // Returns `fallback` if the attribute is missing.
  double number(const std::string& key, double fallback) const;
  std::string text(const std::string& key) const;
  // Returns false if the attribute is missing.
  bool flag(const std::string& key) const;
  // An integer of at least `minimum` and below 2^31.
  int integer(const std::string& key, int minimum) const;
  // Any number of integers of at least `minimum`, or `count` of them.
  std::vector<int> integers(const std::string& key, int minimum) const;
  std::vector<int> integers(const std::string& key, size_t count, int minimum) const;
  // A shape: any number of sizes from 1 up, of at most kMaxElements elements.
  Shape sizes(const std::string& key) const;
  // `count` finite numbers that fit in a float.
  std::vector<float> numbers(const std::string& key, size_t count) const;
  // The parameter with this name, or null.
  const ParameterDescription* parameter(const std::string& key) const;
  // Throws unless the parameters have these names, in this order. The last `optional` of them may be missing.
  void expect_parameters(const std::vector<std::string>& names, size_t optional) const;
};

// Fields that a kind doesn't take keep their defaults.
struct LossDescription {
  std::string kind;
  bool from_logits = false;
  double label_smoothing = 0;
  double delta = 1;
  double gamma = 2;
  std::optional<double> alpha;
  std::optional<double> ignore_class;
};

struct MetricDescription {
  std::string kind;
  std::optional<double> threshold = {};
  double k = 0;
  double thresholds = 0;
  LossDescription loss = {};  // for a mean
};

struct ScheduleDescription {
  std::string kind;
  std::map<std::string, Attribute> attributes;
};

struct OptimizerDescription {
  std::string kind;
  double learning_rate = 0;
  std::optional<ScheduleDescription> schedule = {};  // replaces the learning rate
  // Fields of some optimizers.
  double momentum = 0;
  bool nesterov = false;
  double beta1 = 0;
  double beta2 = 0;
  double epsilon = 0;
  bool amsgrad = false;
  double rho = 0;
  bool centered = false;
  double initial_accumulator = 0;
  // Fields of all optimizers. A clipping bound of 0 means none.
  double weight_decay = 0;
  double clip_norm = 0;
  double clip_value = 0;
  double global_clip_norm = 0;
  std::optional<double> ema_momentum = {};
  uint64_t ema_overwrite_frequency = 0;  // 0: never
  uint64_t accumulation_steps = 1;
};

struct OutputTraining {
  LossDescription loss;
  double weight = 1;
  std::vector<MetricDescription> metrics;
};

struct TrainingDescription {
  std::vector<std::optional<OutputTraining>> outputs;
  OptimizerDescription optimizer;
};

struct ValueGradientsDescription {
  std::vector<ValueReference> by;
  bool of_loss = false;  // else of the first output
};

struct ProgramDescription {
  std::vector<NodeDescription> nodes;
  std::vector<ValueReference> outputs;  // empty: the last node's
  std::optional<ValueGradientsDescription> value_gradients;
  std::optional<TrainingDescription> training;
};

}  // namespace convforge
