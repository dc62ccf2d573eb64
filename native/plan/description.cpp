#include "plan/description.h"

#include <cmath>

#include "runtime/denormals.h"
#include "runtime/error.h"

namespace convforge {
namespace {

template <typename Type>
const Type& attribute(const NodeDescription& node, const std::string& key, const char* type) {
  const auto found = node.attributes.find(key);
  const Type* value = found == node.attributes.end() ? nullptr : std::get_if<Type>(&found->second);
  if (!value) {
    throw Error("INVALID_ARGUMENT", node.name + ": " + node.op + " needs the attribute '" + key + "', " + type,
                node.name);
  }
  return *value;
}

int whole(const NodeDescription& node, const std::string& key, double value, int minimum) {
  if (!(value >= minimum) || value > static_cast<double>(kMaxElements) || value != std::floor(value)) {
    throw Error("INVALID_ARGUMENT",
                node.name + ": " + key + " takes whole numbers of at least " + std::to_string(minimum) + ", not " +
                    format_number(value),
                node.name);
  }
  return static_cast<int>(value);
}

}  // namespace

std::string to_string(const ValueReference& value) {
  const std::string node = "node " + std::to_string(value.node);
  return value.output == 0 ? node : "output " + std::to_string(value.output) + " of " + node;
}

void NodeDescription::expect_outputs(const std::vector<Shape>& shapes, const std::string& dtype) const {
  if (outputs.size() != shapes.size()) {
    const std::string count = shapes.size() == 1 ? "one output" : std::to_string(shapes.size()) + " outputs";
    throw Error("INVALID_ARGUMENT",
                name + ": " + op + " has " + count + ", but " + std::to_string(outputs.size()) + " were declared",
                name);
  }
  for (size_t i = 0; i < shapes.size(); ++i) {
    const ValueDescription& declared = outputs[i];
    if (declared.shape != shapes[i]) {
      throw Error(
          "SHAPE_MISMATCH",
          name + ": " + op + " gives " + to_string(shapes[i]) + ", but " + to_string(declared.shape) + " was declared",
          name);
    }
    if (declared.dtype != dtype) {
      throw Error("INVALID_ARGUMENT",
                  name + ": " + op + " gives " + dtype + ", but " + declared.dtype + " was declared", name);
    }
  }
}

double NodeDescription::number(const std::string& key) const { return attribute<double>(*this, key, "a number"); }

double NodeDescription::number(const std::string& key, double fallback) const {
  return attributes.count(key) ? number(key) : fallback;
}

std::string NodeDescription::text(const std::string& key) const {
  return attribute<std::string>(*this, key, "a string");
}

bool NodeDescription::flag(const std::string& key) const {
  return attributes.count(key) != 0 && attribute<bool>(*this, key, "true or false");
}

int NodeDescription::integer(const std::string& key, int minimum) const {
  return whole(*this, key, number(key), minimum);
}

std::vector<int> NodeDescription::integers(const std::string& key, int minimum) const {
  const auto& values = attribute<std::vector<double>>(*this, key, "a list of numbers");
  std::vector<int> result;
  for (const double value : values) result.push_back(whole(*this, key, value, minimum));
  return result;
}

std::vector<int> NodeDescription::integers(const std::string& key, size_t count, int minimum) const {
  std::vector<int> result = integers(key, minimum);
  if (result.size() != count) {
    throw Error(
        "INVALID_ARGUMENT",
        name + ": " + key + " takes " + std::to_string(count) + " numbers, not " + std::to_string(result.size()), name);
  }
  return result;
}

Shape NodeDescription::sizes(const std::string& key) const {
  const auto& values = attribute<std::vector<double>>(*this, key, "a list of numbers");
  Shape result;
  for (const double value : values) result.push_back(whole(*this, key, value, 1));
  checked_size(result, key.c_str(), name);
  return result;
}

std::vector<float> NodeDescription::numbers(const std::string& key, size_t count) const {
  const auto& values = attribute<std::vector<double>>(*this, key, "a list of numbers");
  std::vector<float> result;
  for (const double value : values) {
    if (!std::isfinite(static_cast<float>(value)))
      throw Error("INVALID_ARGUMENT", name + ": " + key + " takes finite numbers, not " + format_number(value), name);
    result.push_back(flushed(static_cast<float>(value)));
  }
  if (result.size() != count) {
    throw Error(
        "SHAPE_MISMATCH",
        name + ": " + key + " takes " + std::to_string(count) + " numbers, not " + std::to_string(result.size()), name);
  }
  return result;
}

const ParameterDescription* NodeDescription::parameter(const std::string& key) const {
  for (const ParameterDescription& candidate : parameters) {
    if (candidate.name == key) return &candidate;
  }
  return nullptr;
}

void NodeDescription::expect_parameters(const std::vector<std::string>& names, size_t optional) const {
  bool fits = parameters.size() <= names.size() && parameters.size() + optional >= names.size();
  for (size_t i = 0; fits && i < parameters.size(); ++i) fits = parameters[i].name == names[i];
  if (fits) return;
  std::string expected;
  for (const std::string& each : names) expected += (expected.empty() ? "" : ", ") + each;
  throw Error("INVALID_ARGUMENT", name + ": " + op + " takes the parameters [" + expected + "]", name);
}

}  // namespace convforge
