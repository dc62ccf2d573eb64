// Builds a Program from its description: nodes with their shapes and weights, outputs with their losses, and fusion.
#include <algorithm>
#include <numeric>
#include <typeinfo>
#include <utility>

#include "program/constraints.h"
#include "program/program.h"
#include "program/regularization.h"
#include "runtime/error.h"

namespace convforge {

namespace {

// The type of the samples that an input is meant for; samples of any type become float32 as a batch is read.
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
  for (size_t value = 0; value < nodes.size(); ++value) {
    const NodeDescription& node = nodes[value];
    if (node.op != "input") {
      if (inputs_.empty()) break;
      nodes_.push_back(make_node(node, value));
      allocate_parameters(node, &nodes_.back(), &layout);
      continue;
    }
    if (!nodes_.empty() || !node.inputs.empty())
      throw Error("INVALID_ARGUMENT", node.name + ": the inputs of a program are its first nodes, and take none",
                  node.name);
    const Shape shape = node.sizes("shape");
    node.expect_output(shape, input_type(node));
    inputs_.push_back({.name = node.name, .shape = shape});
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

Program::Node Program::make_node(const NodeDescription& node, size_t value) {
  Node made;
  std::vector<Shape> shapes;
  for (const ValueReference& input : node.inputs) {
    if (!is_value(input, value)) {
      throw Error("INVALID_ARGUMENT",
                  node.name + ": its input is " + to_string(input) + "; it must be one of the " +
                      std::to_string(value) + " before it",
                  node.name);
    }
    made.inputs.push_back(static_cast<size_t>(input.node));
    shapes.push_back(shape_of(made.inputs.back()));
  }
  made.op = make_op(node, shapes);
  const int64_t before = batch_multiplier_of(made.inputs[0]);
  const bool alike = std::all_of(made.inputs.begin(), made.inputs.end(),
                                 [this, before](size_t input) { return batch_multiplier_of(input) == before; });
  if (!alike) {
    throw Error("INVALID_ARGUMENT", node.name + ": its inputs must all be folded alike", node.name);
  }
  made.batch_multiplier = made.op->batch_multiplier(before);
  Shape whole = made.op->out;
  if (made.batch_multiplier > 1) whole.insert(whole.begin(), made.batch_multiplier);
  checked_size(whole, "output", node.name);
  return made;
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
    if (!is_value(value, count))
      throw Error("INVALID_ARGUMENT",
                  to_string(value) + " can't be an output: there are " + std::to_string(count) + " nodes");
    const size_t id = static_cast<size_t>(value.node);
    const bool again =
        std::any_of(outputs_.begin(), outputs_.end(), [id](const Output& output) { return output.value == id; });
    if (again)
      throw Error("INVALID_ARGUMENT", description.nodes[id].name + " is listed twice among the outputs",
                  description.nodes[id].name);
    if (batch_multiplier_of(id) != 1)
      throw Error("INVALID_ARGUMENT", description.nodes[id].name + " can't be an output: its steps are folded",
                  description.nodes[id].name);
    outputs_.push_back({.value = id, .size = floats_of(shape_of(id))});
  }
  const std::vector<size_t> uses = count_uses();
  for (size_t value = 0; value < count; ++value) {
    if (uses[value] > 0) continue;
    throw Error("INVALID_ARGUMENT",
                description.nodes[value].name +
                    ": no node takes its output, and it is not an output of the program; leave it out",
                description.nodes[value].name);
  }
}

// A program for gradients by values changes no weights, so none are trained.
void Program::add_value_gradients(const ValueGradientsDescription& gradients) {
  const size_t count = inputs_.size() + nodes_.size();
  for (const ValueReference& value : gradients.by) {
    if (!is_value(value, count))
      throw Error("INVALID_ARGUMENT",
                  "gradients can't be by " + to_string(value) + ": there are " + std::to_string(count) + " nodes");
    const size_t id = static_cast<size_t>(value.node);
    if (batch_multiplier_of(id) != 1)
      throw Error("INVALID_ARGUMENT", "gradients can't be by " + to_string(value) + ": its steps are folded");
    gradient_values_.push_back(id);
  }
  purpose_ = gradients.of_loss ? Purpose::kGradientsOfLoss : Purpose::kGradientsOfOutput;
  for (Node& node : nodes_) node.trains = false;
}

void Program::add_losses(const TrainingDescription& training, const ProgramDescription& description) {
  if (training.outputs.size() != outputs_.size()) {
    throw Error("INVALID_ARGUMENT", "there are " + std::to_string(outputs_.size()) +
                                        " outputs, but training is described for " +
                                        std::to_string(training.outputs.size()));
  }
  Loss::Indices indices;
  for (size_t i = 0; i < outputs_.size(); ++i) {
    if (!training.outputs[i]) continue;
    const size_t value = outputs_[i].value;
    outputs_[i].loss =
        std::make_unique<Loss>(*training.outputs[i], shape_of(value), description.nodes[value].name, indices);
    indices.output += 1;
    indices.first_metric += outputs_[i].loss->metrics();
  }
  if (indices.output == 0) throw Error("INVALID_ARGUMENT", "no output has a loss; training needs at least one");
}

std::vector<size_t> Program::count_uses() const {
  std::vector<size_t> uses(inputs_.size() + nodes_.size());
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
    const LogitsOf logits = nodes_[output.value - inputs_.size()].op->logits_of();
    output.loss_takes_logits = logits != LogitsOf::kNothing && logits == output.loss->logits_of();
  }
}

// Fuses each op into the op before it, or a rescaling at the start into the reading of a batch, if nothing else uses
// the value in between.
void Program::fuse() {
  const std::vector<size_t> uses = count_uses();
  std::vector<Node> fused;
  std::vector<size_t> moved(inputs_.size());  // the new number of each value
  std::iota(moved.begin(), moved.end(), size_t{0});
  std::vector<size_t> moved_nodes;
  std::vector<bool> left_to_loss(inputs_.size() + nodes_.size());
  for (const Output& output : outputs_) left_to_loss[output.value] = output.loss_takes_logits;
  for (Node& node : nodes_) {
    const bool alone = node.inputs.size() == 1 && uses[node.inputs[0]] == 1 && !left_to_loss[moved.size()];
    for (size_t& input : node.inputs) input = moved[input];
    const size_t from = node.inputs[0];
    const bool reads = from < inputs_.size();
    const std::optional<Affine> rescaling = node.op->fusion().rescaling;
    if (alone && reads && rescaling && inputs_[from].rescaling.is_identity()) {
      inputs_[from].rescaling = *rescaling;
      moved.push_back(from);
    } else if (alone && !reads && fused[from - inputs_.size()].op->absorb(*node.op)) {
      moved.push_back(from);
    } else {
      // The owner of shared weights has weights, so no op has absorbed it.
      const size_t number = fused.size();
      node.owner = node.owner == moved_nodes.size() ? number : moved_nodes[node.owner];
      fused.push_back(std::move(node));
      moved.push_back(inputs_.size() + number);
    }
    moved_nodes.push_back(moved.back() - std::min(moved.back(), inputs_.size()));
  }
  nodes_ = std::move(fused);
  for (Output& output : outputs_) output.value = moved[output.value];
  for (size_t& value : gradient_values_) value = moved[value];
}

}  // namespace convforge
