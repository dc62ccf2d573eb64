#include "binding/convert.h"

#include <cmath>
#include <string>
#include <utility>

#include "runtime/error.h"

namespace convforge {
namespace {

[[noreturn]] void refuse(const std::string& what, const char* expected) {
  throw Error("INVALID_ARGUMENT", what + " must be " + expected);
}

Napi::Object to_object(const Napi::Value& value, const std::string& what) {
  if (!value.IsObject()) refuse(what, "an object");
  return value.As<Napi::Object>();
}

Napi::Array to_array(const Napi::Value& value, const std::string& what) {
  if (!value.IsArray()) refuse(what, "an array");
  return value.As<Napi::Array>();
}

std::string to_text(const Napi::Value& value, const std::string& what) {
  if (!value.IsString()) refuse(what, "a string");
  return value.As<Napi::String>().Utf8Value();
}

bool to_bool(const Napi::Value& value, const std::string& what) {
  if (!value.IsBoolean()) refuse(what, "a boolean");
  return value.As<Napi::Boolean>().Value();
}

Attribute to_attribute(const Napi::Value& value, const std::string& what) {
  if (value.IsNumber()) return to_number(value, what);
  if (value.IsBoolean()) return to_bool(value, what);
  if (value.IsString()) return to_text(value, what);
  const Napi::Array array = to_array(value, what);
  std::vector<double> numbers;
  for (uint32_t i = 0; i < array.Length(); ++i) numbers.push_back(to_number(array.Get(i), what));
  return numbers;
}

// Optional members.
double number_or(const Napi::Object& object, const char* key, double missing) {
  const Napi::Value value = object.Get(key);
  return value.IsUndefined() ? missing : to_number(value, key);
}

bool flag_or(const Napi::Object& object, const char* key, bool missing) {
  const Napi::Value value = object.Get(key);
  return value.IsUndefined() ? missing : to_bool(value, key);
}

uint64_t whole_or(const Napi::Object& object, const char* key, uint64_t missing) {
  const Napi::Value value = object.Get(key);
  return value.IsUndefined() ? missing : to_whole(value, key);
}

std::map<std::string, Attribute> to_attributes(const Napi::Object& object, const std::string& owner) {
  std::map<std::string, Attribute> attributes;
  const Napi::Array keys = object.GetPropertyNames();
  for (uint32_t i = 0; i < keys.Length(); ++i) {
    const std::string key = to_text(keys.Get(i), "an attribute's name");
    attributes.emplace(key, to_attribute(object.Get(key), owner + ": " + key));
  }
  return attributes;
}

ConstraintDescription to_constraint(const Napi::Value& value) {
  const Napi::Object object = to_object(value, "a constraint");
  ConstraintDescription constraint;
  constraint.kind = to_text(object.Get("kind"), "a constraint's kind");
  if (constraint.kind != "norm") return constraint;
  constraint.minimum = to_number(object.Get("minimum"), "a constraint's minimum");
  constraint.maximum = to_number(object.Get("maximum"), "a constraint's maximum");
  constraint.rate = to_number(object.Get("rate"), "a constraint's rate");
  const Napi::Array axes = to_array(object.Get("axes"), "a constraint's axes");
  for (uint32_t i = 0; i < axes.Length(); ++i)
    constraint.axes.push_back(static_cast<int64_t>(to_whole(axes.Get(i), "a constraint's axis")));
  return constraint;
}

ParameterDescription to_parameter(const Napi::Value& value) {
  const Napi::Object object = to_object(value, "a parameter");
  ParameterDescription parameter;
  parameter.name = to_text(object.Get("name"), "a parameter's name");
  parameter.shape = to_shape(object.Get("shape"), "a parameter's shape");
  parameter.trainable = flag_or(object, "trainable", true);
  const Napi::Value regularizer = object.Get("regularizer");
  if (!regularizer.IsUndefined()) {
    const Napi::Object factors = to_object(regularizer, "a regularizer");
    parameter.regularizer = {to_number(factors.Get("l1"), "l1"), to_number(factors.Get("l2"), "l2")};
  }
  const Napi::Value constraint = object.Get("constraint");
  if (!constraint.IsUndefined()) parameter.constraint = to_constraint(constraint);
  return parameter;
}

// A node's index for its first output, or [node, output].
ValueReference to_value(const Napi::Value& value, const char* what) {
  if (!value.IsArray()) return static_cast<int64_t>(to_whole(value, what));
  const auto pair = value.As<Napi::Array>();
  if (pair.Length() != 2) refuse(what, "a node's index, or [node, output]");
  return {static_cast<int64_t>(to_whole(pair.Get(0u), what)), static_cast<int64_t>(to_whole(pair.Get(1u), what))};
}

ValueDescription to_output(const Napi::Value& value) {
  const Napi::Object object = to_object(value, "a node's output");
  return {to_shape(object.Get("shape"), "an output's shape"), to_text(object.Get("dtype"), "an output's dtype")};
}

NodeDescription to_node(const Napi::Value& value) {
  const Napi::Object object = to_object(value, "a node");
  NodeDescription node;
  node.name = to_text(object.Get("name"), "a node's name");
  node.op = to_text(object.Get("op"), "a node's op");
  const Napi::Array inputs = to_array(object.Get("inputs"), "a node's inputs");
  for (uint32_t i = 0; i < inputs.Length(); ++i) node.inputs.push_back(to_value(inputs.Get(i), "a node's input"));
  node.attributes = to_attributes(to_object(object.Get("attributes"), "a node's attributes"), node.name);
  const Napi::Array parameters = to_array(object.Get("parameters"), "a node's parameters");
  for (uint32_t i = 0; i < parameters.Length(); ++i) node.parameters.push_back(to_parameter(parameters.Get(i)));
  const Napi::Array outputs = to_array(object.Get("outputs"), "a node's outputs");
  for (uint32_t i = 0; i < outputs.Length(); ++i) node.outputs.push_back(to_output(outputs.Get(i)));
  const Napi::Value shares_with = object.Get("sharesWith");
  if (!shares_with.IsUndefined()) node.shares_with = static_cast<int64_t>(to_whole(shares_with, "sharesWith"));
  return node;
}

// Writes the number at `key` to `number`, if there is one.
template <typename Number>
void read_number(const Napi::Object& object, const char* key, Number* number) {
  const Napi::Value value = object.Get(key);
  if (!value.IsUndefined()) *number = to_number(value, key);
}

LossDescription to_loss(const Napi::Value& value) {
  const Napi::Object object = to_object(value, "a loss");
  LossDescription loss;
  loss.kind = to_text(object.Get("kind"), "a loss's kind");
  const Napi::Value from_logits = object.Get("fromLogits");
  loss.from_logits = !from_logits.IsUndefined() && to_bool(from_logits, "fromLogits");
  read_number(object, "labelSmoothing", &loss.label_smoothing);
  read_number(object, "delta", &loss.delta);
  read_number(object, "gamma", &loss.gamma);
  read_number(object, "alpha", &loss.alpha);
  read_number(object, "ignoreClass", &loss.ignore_class);
  return loss;
}

MetricDescription to_metric(const Napi::Value& value) {
  const Napi::Object object = to_object(value, "a metric");
  MetricDescription metric;
  metric.kind = to_text(object.Get("kind"), "a metric's kind");
  read_number(object, "threshold", &metric.threshold);
  read_number(object, "k", &metric.k);
  read_number(object, "thresholds", &metric.thresholds);
  if (metric.kind == "mean") metric.loss = to_loss(object.Get("loss"));
  return metric;
}

OutputTraining to_output_training(const Napi::Value& value) {
  const Napi::Object object = to_object(value, "an output's training");
  OutputTraining output;
  output.loss = to_loss(object.Get("loss"));
  const Napi::Value weight = object.Get("weight");
  if (!weight.IsUndefined()) output.weight = to_number(weight, "a loss's weight");
  const Napi::Array metrics = to_array(object.Get("metrics"), "metrics");
  for (uint32_t i = 0; i < metrics.Length(); ++i) output.metrics.push_back(to_metric(metrics.Get(i)));
  return output;
}

ScheduleDescription to_schedule(const Napi::Value& value) {
  const Napi::Object object = to_object(value, "learningRate");
  ScheduleDescription schedule;
  schedule.kind = to_text(object.Get("kind"), "a schedule's kind");
  schedule.attributes = to_attributes(object, "a schedule");
  return schedule;
}

// The optimizer checks the numbers that its kind needs. A missing number is NaN, which no optimizer accepts.
OptimizerDescription to_optimizer(const Napi::Object& object) {
  OptimizerDescription optimizer;
  optimizer.kind = to_text(object.Get("kind"), "an optimizer's kind");
  const Napi::Value rate = object.Get("learningRate");
  if (rate.IsObject()) {
    optimizer.schedule = to_schedule(rate);
  } else {
    optimizer.learning_rate = to_number(rate, "learningRate");
  }
  optimizer.momentum = number_or(object, "momentum", NAN);
  optimizer.nesterov = flag_or(object, "nesterov", false);
  optimizer.beta1 = number_or(object, "beta1", NAN);
  optimizer.beta2 = number_or(object, "beta2", NAN);
  optimizer.epsilon = number_or(object, "epsilon", NAN);
  optimizer.amsgrad = flag_or(object, "amsgrad", false);
  optimizer.rho = number_or(object, "rho", NAN);
  optimizer.centered = flag_or(object, "centered", false);
  optimizer.initial_accumulator = number_or(object, "initialAccumulatorValue", NAN);
  optimizer.weight_decay = number_or(object, "weightDecay", 0);
  optimizer.clip_norm = number_or(object, "clipNorm", 0);
  optimizer.clip_value = number_or(object, "clipValue", 0);
  optimizer.global_clip_norm = number_or(object, "globalClipNorm", 0);
  if (flag_or(object, "useEma", false)) optimizer.ema_momentum = to_number(object.Get("emaMomentum"), "emaMomentum");
  optimizer.ema_overwrite_frequency = whole_or(object, "emaOverwriteFrequency", 0);
  optimizer.accumulation_steps = whole_or(object, "gradientAccumulationSteps", 1);
  return optimizer;
}

ValueGradientsDescription to_value_gradients(const Napi::Value& value) {
  const Napi::Object object = to_object(value, "valueGradients");
  ValueGradientsDescription description;
  const Napi::Array by = to_array(object.Get("by"), "valueGradients.by");
  for (uint32_t i = 0; i < by.Length(); ++i)
    description.by.push_back(to_value(by.Get(i), "a value that gradients are by"));
  const std::string of = to_text(object.Get("of"), "valueGradients.of");
  if (of != "loss" && of != "output") throw Error("INVALID_ARGUMENT", "valueGradients must be of 'loss' or 'output'");
  description.of_loss = of == "loss";
  return description;
}

TrainingDescription to_training(const Napi::Value& value) {
  const Napi::Object object = to_object(value, "training");
  TrainingDescription training;
  const Napi::Array outputs = to_array(object.Get("outputs"), "training.outputs");
  for (uint32_t i = 0; i < outputs.Length(); ++i) {
    const Napi::Value output = outputs.Get(i);
    training.outputs.emplace_back();
    if (!output.IsNull()) training.outputs.back() = to_output_training(output);
  }
  training.optimizer = to_optimizer(to_object(object.Get("optimizer"), "an optimizer"));
  return training;
}

}  // namespace

double to_number(const Napi::Value& value, const std::string& what) {
  if (!value.IsNumber()) refuse(what, "a number");
  return value.As<Napi::Number>().DoubleValue();
}

uint64_t to_whole(const Napi::Value& value, const char* what) {
  const double number = to_number(value, what);
  if (!(number >= 0 && number < 0x1p53) || number != std::floor(number)) {
    throw Error("INVALID_ARGUMENT",
                std::string(what) + " must be a whole number in [0, 2^53), not " + format_number(number));
  }
  return static_cast<uint64_t>(number);
}

Shape to_shape(const Napi::Value& value, const char* what) {
  const Napi::Array array = to_array(value, what);
  constexpr uint32_t kMaxRank = 32;
  if (array.Length() > kMaxRank) refuse(what, "a shape of at most 32 dimensions");
  Shape shape;
  for (uint32_t i = 0; i < array.Length(); ++i) shape.push_back(static_cast<int64_t>(to_whole(array.Get(i), what)));
  return shape;
}

Totals to_totals(const Napi::Value& value) {
  const Napi::Object object = to_object(value, "totals");
  const auto sums = [](const Napi::Value& list) {
    const Napi::Array array = to_array(list, "totals' losses and metrics");
    std::vector<double> result;
    for (uint32_t i = 0; i < array.Length(); ++i) result.push_back(to_number(array.Get(i), "a total"));
    return result;
  };
  Totals totals;
  totals.samples = to_number(object.Get("samples"), "a total");
  totals.batches = to_number(object.Get("batches"), "a total");
  const Napi::Value first = object.Get("firstNonFinite");
  if (!first.IsUndefined()) totals.first_non_finite = to_number(first, "a total");
  totals.loss = to_number(object.Get("loss"), "a total");
  totals.losses = sums(object.Get("losses"));
  const Napi::Array metrics = to_array(object.Get("metrics"), "totals.metrics");
  for (uint32_t i = 0; i < metrics.Length(); ++i) totals.metrics.push_back(sums(metrics.Get(i)));
  return totals;
}

std::vector<NodeDescription> to_nodes(const Napi::Value& value) {
  const Napi::Array array = to_array(value, "a program's nodes");
  std::vector<NodeDescription> nodes;
  for (uint32_t i = 0; i < array.Length(); ++i) {
    // Long models must not exhaust the handles.
    const Napi::HandleScope scope(value.Env());
    nodes.push_back(to_node(array.Get(i)));
  }
  return nodes;
}

ProgramDescription to_description(const Napi::Value& value, std::optional<std::vector<NodeDescription>> nodes) {
  constexpr double kVersion = 1;
  const Napi::Object object = to_object(value, "a program");
  ProgramDescription description;
  const double version = to_number(object.Get("version"), "a program's version");
  if (version != kVersion)
    throw Error("UNSUPPORTED", "a program of version " + format_number(version) + "; the engine knows version 1");
  const Napi::Object graph = to_object(object.Get("graph"), "a program's graph");
  description.nodes = nodes ? std::move(*nodes) : to_nodes(graph.Get("nodes"));
  const Napi::Value outputs = graph.Get("outputs");
  if (!outputs.IsUndefined()) {
    const Napi::Array list = to_array(outputs, "a program's outputs");
    if (list.Length() == 0) throw Error("INVALID_ARGUMENT", "a program must have at least one output");
    for (uint32_t i = 0; i < list.Length(); ++i) description.outputs.push_back(to_value(list.Get(i), "an output"));
  }
  const Napi::Value value_gradients = object.Get("valueGradients");
  if (!value_gradients.IsUndefined()) description.value_gradients = to_value_gradients(value_gradients);
  const Napi::Value training = object.Get("training");
  if (!training.IsUndefined()) description.training = to_training(training);
  return description;
}

const float* to_floats(const Napi::Value& value, size_t* length, const char* what) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_float32_array)
    refuse(what, "a Float32Array");
  const auto array = value.As<Napi::Float32Array>();
  *length = array.ElementLength();
  return array.Data();
}

Shards to_shards(const Napi::Value& count, const Napi::Value& collective) {
  if (count.IsUndefined()) return {};
  constexpr uint64_t kMost = 65536;
  const uint64_t shards = to_whole(count, "shards");
  if (shards < 1 || shards > kMost) throw Error("INVALID_ARGUMENT", "shards must be in [1, 65536]");
  Shards result{.count = static_cast<uint32_t>(shards)};
  if (collective.IsUndefined()) return result;
  const napi_type_tag tag = {CONVFORGE_COLLECTIVE_TAG_LOWER, CONVFORGE_COLLECTIVE_TAG_UPPER};
  if (!collective.IsExternal() || !collective.As<Napi::External<const convforge_collective>>().CheckTypeTag(&tag))
    throw Error("INVALID_ARGUMENT", "the collective isn't one that an addon for MPI has made");
  const auto* of_ranks = collective.As<Napi::External<const convforge_collective>>().Data();
  if (of_ranks->abi != CONVFORGE_COLLECTIVE_ABI)
    throw Error("UNSUPPORTED", "the addon for MPI was built for another version of convforge; build it again");
  if (of_ranks->ranks > shards)
    throw Error("INVALID_ARGUMENT", std::to_string(shards) + " shards are too few for " +
                                        std::to_string(of_ranks->ranks) + " ranks; each rank needs one");
  if (of_ranks->ranks > 1) result.collective = of_ranks;
  return result;
}

}  // namespace convforge
