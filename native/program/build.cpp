// Builds a Program from its description: nodes with their shapes and weights, outputs with their losses, and fusion.
#include <algorithm>
#include <cstddef>
#include <numeric>
#include <typeinfo>
#include <utility>

#include "program/constraints.h"
#include "program/program.h"
#include "program/regularization.h"
#include "runtime/error.h"

namespace convforge {

namespace {

// The type of the samples that an input is meant for. Samples of any type become float32 as a batch is read.
std::string input_type(const NodeDescription& node) {
  const std::string dtype = node.attributes.count("dtype") ? node.text("dtype") : "float32";
  if (dtype != "float32" && dtype != "uint8" && dtype != "int32")
    throw Error("INVALID_ARGUMENT", node.name + ": there is no dtype '" + dtype + "'", node.name);
  return dtype;
}

}  // namespace

Program::Layout Program::add_nodes(const ProgramDescription& description) {
  Layout layout;
  const std::vector<NodeDescription>& nodes = description.nodes;
  for (const NodeDescription& node : nodes) {
    if (node.op != "input") {
      if (inputs_.empty()) break;
      nodes_.push_back(make_node(node));
      number_outputs(nodes_.size() - 1);
      allocate_parameters(node, &nodes_.back(), &layout);
      continue;
    }
    if (!nodes_.empty() || !node.inputs.empty())
      throw Error("INVALID_ARGUMENT", node.name + ": the inputs of a program are its first nodes, and take none",
                  node.name);
    const Shape shape = node.sizes("shape");
    const std::string dtype = input_type(node);
    node.expect_outputs({shape}, dtype);
    inputs_.push_back({.name = node.name, .shape = shape, .is_whole = dtype == "int32"});
  }
  if (inputs_.empty()) throw Error("INVALID_ARGUMENT", "a program begins with an input node");
  // A node that shares weights has its own gradient, behind those of the weights.
  layout.gradient_floats = layout.weight_floats;
  for (Node& node : nodes_) {
    if (&node != &nodes_[node.owner]) {
      for (Parameter& parameter : node.parameters) {
        parameter.gradient = layout.gradient_floats;
        layout.gradient_floats += parameter.stored;
      }
    }
    node.op->bind_parameters(node.parameters);
  }
  return layout;
}

Program::Node Program::make_node(const NodeDescription& node) {
  Node made;
  std::vector<Shape> shapes;
  for (const ValueReference& input : node.inputs) {
    const std::optional<size_t> value = find_value(input);
    if (!value) {
      throw Error("INVALID_ARGUMENT",
                  node.name + ": its input is " + to_string(input) + "; it must be one of the " +
                      std::to_string(inputs_.size() + nodes_.size()) + " before it",
                  node.name);
    }
    made.inputs.push_back(*value);
    shapes.push_back(shape_of(*value));
  }
  made.op = make_op(node, shapes);
  const int64_t before = batch_multiplier_of(made.inputs[0]);
  const bool alike = std::all_of(made.inputs.begin(), made.inputs.end(),
                                 [this, before](size_t input) { return batch_multiplier_of(input) == before; });
  if (!alike) {
    throw Error("INVALID_ARGUMENT", node.name + ": its inputs must all be folded alike", node.name);
  }
  made.batch_multiplier = made.op->batch_multiplier(before);
  for (size_t i = 0; i < made.op->output_count(); ++i) {
    Shape whole = made.op->output(i);
    if (made.batch_multiplier > 1) whole.insert(whole.begin(), made.batch_multiplier);
    checked_size(whole, "output", node.name);
  }
  return made;
}

void Program::number_outputs(size_t node) {
  nodes_[node].first_value = value_count();
  for (size_t i = 0; i < nodes_[node].op->output_count(); ++i) node_outputs_.push_back({node, i});
}

std::optional<size_t> Program::find_value(const ValueReference& reference) const {
  if (reference.node < 0 || reference.output < 0) return std::nullopt;
  const size_t number = static_cast<size_t>(reference.node);
  const size_t output = static_cast<size_t>(reference.output);
  if (number < inputs_.size()) return output == 0 ? std::optional(number) : std::nullopt;
  if (number - inputs_.size() >= nodes_.size()) return std::nullopt;
  const Node& node = nodes_[number - inputs_.size()];
  return output < node.op->output_count() ? std::optional(node.first_value + output) : std::nullopt;
}

// Allocates the node's parameters, or shares those of another node.
void Program::allocate_parameters(const NodeDescription& node, Node* made, Layout* layout) {
  made->owner = nodes_.size() - 1;
  const std::vector<ParameterDescription> expected = made->op->parameters();
  if (!node.shares_with) {
    for (const ParameterDescription& parameter : expected) {
      Parameter allocated =
          make_parameter(node.name + "/" + parameter.name, parameter.shape, layout->weight_floats, node.name);
      allocated.trainable = parameter.trainable;
      allocated.regularizer = parameter.regularizer;
      allocated.constraint = parameter.constraint;
      check_regularizer(allocated, node.name);
      check_constraint(allocated, node.name);
      made->trains = made->trains || parameter.trainable;
      layout->weight_floats += allocated.stored;
      made->parameters.push_back(allocated);
      layout->parameters.push_back(std::move(allocated));
    }
    return;
  }
  const int64_t owner = *node.shares_with - static_cast<int64_t>(inputs_.size());
  const bool before = owner >= 0 && owner + 1 < static_cast<int64_t>(nodes_.size());
  const Node* other = before ? &nodes_[static_cast<size_t>(owner)] : nullptr;
  bool fits = other && other->owner == static_cast<size_t>(owner) && other->parameters.size() == expected.size();
  const auto same_op = [](const Op& a, const Op& b) { return typeid(a) == typeid(b); };
  fits = fits && same_op(*other->op, *made->op);
  for (size_t i = 0; fits && i < expected.size(); ++i) fits = expected[i].shape == other->parameters[i].shape;
  if (!fits) {
    throw Error("INVALID_ARGUMENT",
                node.name + ": it can't share the weights of node " + std::to_string(*node.shares_with) +
                    "; that must be a node of the same op before it, with weights of its own of the same shapes",
                node.name);
  }
  made->owner = static_cast<size_t>(owner);
  made->parameters = other->parameters;
  made->trains = other->trains;
}

void Program::add_outputs(const ProgramDescription& description) {
  std::vector<ValueReference> values = description.outputs;
  const size_t count = inputs_.size() + nodes_.size();
  if (values.empty()) values.push_back(static_cast<int64_t>(count) - 1);
  for (const ValueReference& value : values) {
    const std::optional<size_t> found = find_value(value);
    if (!found)
      throw Error("INVALID_ARGUMENT",
                  to_string(value) + " can't be an output: there are " + std::to_string(count) + " nodes");
    const size_t id = *found;
    const std::string& name = name_of(id);
    const bool again =
        std::any_of(outputs_.begin(), outputs_.end(), [id](const Output& output) { return output.value == id; });
    if (again) throw Error("INVALID_ARGUMENT", name + " is listed twice among the outputs", name);
    if (batch_multiplier_of(id) != 1)
      throw Error("INVALID_ARGUMENT", name + " can't be an output: its steps are folded", name);
    outputs_.push_back({.value = id, .size = floats_of(shape_of(id))});
  }
  check_used();
}

// Throws Error unless each input is used, and an output of each node.
void Program::check_used() const {
  const std::vector<size_t> uses = count_uses();
  for (size_t value = 0; value < value_count();) {
    const size_t outputs = value < inputs_.size() ? 1 : nodes_[source_of(value).node].op->output_count();
    const auto first = uses.begin() + static_cast<std::ptrdiff_t>(value);
    if (std::all_of(first, first + static_cast<std::ptrdiff_t>(outputs), [](size_t count) { return count == 0; })) {
      const std::string& name = name_of(value);
      throw Error("INVALID_ARGUMENT",
                  name + ": no node takes its output, and it is not an output of the program; leave it out", name);
    }
    value += outputs;
  }
}

// A program for gradients by values changes no weights, so none are trained.
void Program::add_value_gradients(const ValueGradientsDescription& gradients) {
  const size_t count = inputs_.size() + nodes_.size();
  for (const ValueReference& value : gradients.by) {
    const std::optional<size_t> id = find_value(value);
    if (!id)
      throw Error("INVALID_ARGUMENT",
                  "gradients can't be by " + to_string(value) + ": there are " + std::to_string(count) + " nodes");
    if (batch_multiplier_of(*id) != 1)
      throw Error("INVALID_ARGUMENT", "gradients can't be by " + to_string(value) + ": its steps are folded");
    gradient_values_.push_back(*id);
  }
  purpose_ = gradients.of_loss ? Purpose::kGradientsOfLoss : Purpose::kGradientsOfOutput;
  for (Node& node : nodes_) node.trains = false;
}

void Program::add_losses(const TrainingDescription& training) {
  if (training.outputs.size() != outputs_.size()) {
    throw Error("INVALID_ARGUMENT", "there are " + std::to_string(outputs_.size()) +
                                        " outputs, but training is described for " +
                                        std::to_string(training.outputs.size()));
  }
  Loss::Indices indices;
  for (size_t i = 0; i < outputs_.size(); ++i) {
    if (!training.outputs[i]) continue;
    const size_t value = outputs_[i].value;
    outputs_[i].loss = std::make_unique<Loss>(*training.outputs[i], shape_of(value), name_of(value), indices);
    indices.output += 1;
    indices.first_metric += outputs_[i].loss->metrics();
  }
  if (indices.output == 0) throw Error("INVALID_ARGUMENT", "no output has a loss; training needs at least one");
}

std::vector<size_t> Program::count_uses() const {
  std::vector<size_t> uses(value_count());
  for (const Node& node : nodes_) {
    for (const size_t input : node.inputs) ++uses[input];
  }
  for (const Output& output : outputs_) ++uses[output.value];
  for (const size_t value : gradient_values_) ++uses[value];
  return uses;
}

// Lets a loss take the logits of the softmax or sigmoid before it, if nothing else uses the activation.
void Program::choose_logits() {
  const std::vector<size_t> uses = count_uses();
  for (Output& output : outputs_) {
    if (!output.loss || output.value < inputs_.size() || uses[output.value] != 1) continue;
    const LogitsOf logits = nodes_[source_of(output.value).node].op->logits_of();
    output.loss_takes_logits = logits != LogitsOf::kNothing && logits == output.loss->logits_of();
  }
}

// Fuses each op into the op before it, or a rescaling at the start into the reading of a batch, if nothing else uses
// the value in between.
void Program::fuse() {
  const std::vector<size_t> uses = count_uses();
  std::vector<bool> left_to_loss(value_count());
  for (const Output& output : outputs_) left_to_loss[output.value] = output.loss_takes_logits;
  std::vector<size_t> moved(inputs_.size());  // the new number of each value
  std::iota(moved.begin(), moved.end(), size_t{0});
  std::vector<Node> nodes = std::move(nodes_);
  std::vector<size_t> moved_nodes;  // by node: the new number of itself, or of the node that absorbed it
  nodes_.clear();
  node_outputs_.clear();
  for (Node& node : nodes) {
    const bool alone = node.inputs.size() == 1 && uses[node.inputs[0]] == 1 && !left_to_loss[moved.size()];
    for (size_t& input : node.inputs) input = moved[input];
    const size_t from = node.inputs[0];
    const bool reads = from < inputs_.size();
    const std::optional<Affine> rescaling = node.op->fusion().rescaling;
    if (alone && reads && rescaling && inputs_[from].rescaling.is_identity()) {
      inputs_[from].rescaling = *rescaling;
      moved.push_back(from);
      moved_nodes.push_back(0);  // it has no weights, so its number isn't asked for
    } else if (alone && !reads && nodes_[source_of(from).node].op->absorb(*node.op)) {
      moved.push_back(from);
      moved_nodes.push_back(source_of(from).node);
    } else {
      // The owner of shared weights has weights, so no op has absorbed it.
      const size_t number = nodes_.size();
      node.owner = node.owner == moved_nodes.size() ? number : moved_nodes[node.owner];
      nodes_.push_back(std::move(node));
      number_outputs(number);
      for (size_t i = 0; i < nodes_[number].op->output_count(); ++i) moved.push_back(nodes_[number].first_value + i);
      moved_nodes.push_back(number);
    }
  }
  for (Output& output : outputs_) output.value = moved[output.value];
  for (size_t& value : gradient_values_) value = moved[value];
}

// Lets nodes compute what follows them in plans without training, if nothing else uses the values in between.
void Program::fuse_inference() {
  const std::vector<size_t> uses = count_uses();
  std::vector<bool> left_to_loss(value_count());
  for (const Output& output : outputs_) left_to_loss[output.value] = output.loss_takes_logits;
  for (size_t i = 0; i < nodes_.size(); ++i) nodes_[i].last_in_inference = i;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const size_t from = nodes_[i].inputs[0];
    if (from < inputs_.size() || nodes_[i].inputs.size() != 1 || uses[from] != 1) continue;
    if (left_to_loss[nodes_[i].first_value]) continue;
    size_t head = source_of(from).node;
    while (nodes_[head].absorbed_in_inference) head = source_of(nodes_[head].inputs[0]).node;
    nodes_[i].absorbed_in_inference = nodes_[head].op->absorb_in_inference(*nodes_[i].op);
    if (nodes_[i].absorbed_in_inference) nodes_[head].last_in_inference = i;
  }
}

}  // namespace convforge
