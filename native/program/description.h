// A program as TypeScript describes it, before it is checked. The meaning of each field: lib/program/description.ts.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "program/shape.h"

namespace convforge {

using Attribute = std::variant<double, bool, std::string, std::vector<double>>;

struct ParameterDescription {
  std::string name;
  Shape shape;
  bool trainable = true;
};

struct NodeDescription {
  std::string name;
  std::string op;
  std::vector<int64_t> inputs;
  std::map<std::string, Attribute> attributes;
  std::vector<ParameterDescription> parameters;
  Shape shape;
  std::optional<int64_t> shares_with;

  // Attributes by name, checked. All throw Error INVALID_ARGUMENT that names this node and the attribute.
  double number(const std::string& key) const;
  std::string text(const std::string& key) const;
  // False where it is missing.
  bool flag(const std::string& key) const;
  // A whole number of at least `minimum` (and below 2^31).
  int integer(const std::string& key, int minimum) const;
  // `count` of them.
  std::vector<int> integers(const std::string& key, size_t count, int minimum) const;
  // `count` finite numbers that a float holds.
  std::vector<float> numbers(const std::string& key, size_t count) const;
  // The parameter of that name, or null.
  const ParameterDescription* parameter(const std::string& key) const;
  // Throws unless the parameters are these, in this order; the last `optional` of them may be missing.
  void expect_parameters(const std::vector<std::string>& names, size_t optional) const;
};

struct LossDescription {
  std::string kind;
  bool from_logits = false;
};

struct OptimizerDescription {
  std::string kind;  // "sgd" or "adam"
  double learning_rate = 0;
  double momentum = 0;
  bool nesterov = false;
  double beta1 = 0;
  double beta2 = 0;
  double epsilon = 0;
};

struct OutputTraining {
  LossDescription loss;
  double weight = 1;
  std::vector<std::string> metrics;
};

struct TrainingDescription {
  std::vector<std::optional<OutputTraining>> outputs;
  OptimizerDescription optimizer;
};

struct ProgramDescription {
  std::vector<NodeDescription> nodes;
  std::vector<int64_t> outputs;  // empty: the last node
  std::optional<TrainingDescription> training;
};

}  // namespace convforge
