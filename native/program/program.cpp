#include "program/program.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "ops/activation.h"
#include "ops/add.h"
#include "ops/rescaling.h"
#include "ops/softmax.h"
#include "program/constraints.h"
#include "program/pieces.h"
#include "program/regularization.h"
#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

// Whether the op is the activation whose logits the loss can take.
bool gives(const Op& op, LogitsOf wanted) {
  if (wanted == LogitsOf::kSoftmax) {
    const auto* softmax = dynamic_cast<const SoftmaxOp*>(&op);
    return softmax && softmax->gives_probabilities();
  }
  const auto* activation = dynamic_cast<const ActivationOp*>(&op);
  return activation && wanted == LogitsOf::kSigmoid && activation->activation().kind == Activation::Kind::kSigmoid;
}

// The gradient by a value of an op, which is used once or more, from those that its uses give, the last use first: they
// are added from the first use on.
BufferId plan_gradient_sum(Plan& plan, const Op& op, const std::vector<BufferId>& terms) {
  if (terms.size() == 1) return terms[0];
  const size_t size = static_cast<size_t>(size_of(op.out));
  const BufferId sum = plan.buffer(size);
  plan_sum(plan, op.name, "gradient sum", {terms.rbegin(), terms.rend()}, sum, size);
  return sum;
}

size_t floats_of(const Shape& shape) { return static_cast<size_t>(size_of(shape)); }

}  // namespace

Program::Program(const ProgramDescription& description) {
  add_nodes(description);
  add_outputs(description);
  if (description.training) add_losses(*description.training, description);
  choose_logits();
  fuse();
  weights_ = Memory(weight_floats_ * sizeof(float));
  if (description.training) {
    gradients_ = Memory(gradient_floats_ * sizeof(float));
    optimizer_ = std::make_unique<Optimizer>(description.training->optimizer, weight_floats_);
  }
}

void Program::add_nodes(const ProgramDescription& description) {
  const std::vector<NodeDescription>& nodes = description.nodes;
  for (size_t value = 0; value < nodes.size(); ++value) {
    const NodeDescription& node = nodes[value];
    if (node.op != "input") {
      if (inputs_.empty()) break;
      nodes_.push_back(make_node(node, value));
      place_parameters(node, &nodes_.back());
      continue;
    }
    if (!nodes_.empty() || !node.inputs.empty())
      throw Error("INVALID_ARGUMENT", node.name + ": the inputs of a program are its first nodes, and take none",
                  node.name);
    checked_size(node.shape, "input", node.name);
    inputs_.push_back({.name = node.name, .shape = node.shape});
  }
  if (inputs_.empty()) throw Error("INVALID_ARGUMENT", "a program begins with an input node");
  // A node that shares weights has room for its own gradient behind those of the weights.
  gradient_floats_ = weight_floats_;
  for (Node& node : nodes_) {
    if (&node != &nodes_[node.owner]) {
      for (Parameter& parameter : node.parameters) {
        parameter.gradient = gradient_floats_;
        gradient_floats_ += parameter.stored;
      }
    }
    node.op->place(node.parameters);
  }
}

Program::Node Program::make_node(const NodeDescription& node, size_t value) {
  Node made;
  std::vector<Shape> shapes;
  for (const int64_t input : node.inputs) {
    if (input < 0 || static_cast<size_t>(input) >= value) {
      throw Error("INVALID_ARGUMENT",
                  node.name + ": its input is node " + std::to_string(input) + "; it must be one of the " +
                      std::to_string(value) + " before it",
                  node.name);
    }
    made.inputs.push_back(static_cast<size_t>(input));
    shapes.push_back(shape_of(made.inputs.back()));
  }
  made.op = make_op(node, shapes);
  checked_size(made.op->out, "output", node.name);
  return made;
}

// Gives the node's parameters a place among the weights, or that of the node which it shares them with.
void Program::place_parameters(const NodeDescription& node, Node* made) {
  made->owner = nodes_.size() - 1;
  const std::vector<ParameterDescription> wanted = made->op->parameters();
  if (!node.shares_with) {
    for (const ParameterDescription& parameter : wanted) {
      Parameter placed = make_parameter(node.name + "/" + parameter.name, parameter.shape, weight_floats_, node.name);
      placed.trainable = parameter.trainable;
      placed.regularizer = parameter.regularizer;
      placed.constraint = parameter.constraint;
      check_regularizer(placed, node.name);
      check_constraint(placed, node.name);
      made->trains = made->trains || parameter.trainable;
      weight_floats_ += placed.stored;
      made->parameters.push_back(placed);
      parameters_.push_back(std::move(placed));
    }
    return;
  }
  const int64_t owner = *node.shares_with - static_cast<int64_t>(inputs_.size());
  const bool before = owner >= 0 && owner + 1 < static_cast<int64_t>(nodes_.size());
  const Node* other = before ? &nodes_[static_cast<size_t>(owner)] : nullptr;
  bool fits = other && other->owner == static_cast<size_t>(owner) && other->parameters.size() == wanted.size();
  for (size_t i = 0; fits && i < wanted.size(); ++i) fits = wanted[i].shape == other->parameters[i].shape;
  if (!fits) {
    throw Error("INVALID_ARGUMENT",
                node.name + ": it can't share the weights of node " + std::to_string(*node.shares_with) +
                    "; that must be a node before it with weights of its own, of the same shapes",
                node.name);
  }
  made->owner = static_cast<size_t>(owner);
  made->parameters = other->parameters;
  made->trains = other->trains;
}

void Program::add_outputs(const ProgramDescription& description) {
  std::vector<int64_t> values = description.outputs;
  const size_t count = inputs_.size() + nodes_.size();
  if (values.empty()) values.push_back(static_cast<int64_t>(count) - 1);
  for (const int64_t value : values) {
    if (value < 0 || static_cast<size_t>(value) >= count)
      throw Error("INVALID_ARGUMENT", "node " + std::to_string(value) + " can't be an output: there are " +
                                          std::to_string(count) + " nodes");
    const size_t id = static_cast<size_t>(value);
    const bool again =
        std::any_of(outputs_.begin(), outputs_.end(), [id](const Output& output) { return output.value == id; });
    if (again)
      throw Error("INVALID_ARGUMENT", description.nodes[id].name + " is named twice among the outputs",
                  description.nodes[id].name);
    outputs_.push_back({.value = id, .size = floats_of(shape_of(id))});
  }
  const std::vector<size_t> uses = count_uses();
  for (size_t value = 0; value < count; ++value) {
    if (uses[value] > 0) continue;
    throw Error(
        "INVALID_ARGUMENT",
        description.nodes[value].name + ": no node takes its output, and it is none of the program's; leave it out",
        description.nodes[value].name);
  }
}

void Program::add_losses(const TrainingDescription& training, const ProgramDescription& description) {
  if (training.outputs.size() != outputs_.size()) {
    throw Error("INVALID_ARGUMENT", "there are " + std::to_string(outputs_.size()) +
                                        " outputs, but training is described for " +
                                        std::to_string(training.outputs.size()));
  }
  Loss::Place place;
  for (size_t i = 0; i < outputs_.size(); ++i) {
    if (!training.outputs[i]) continue;
    const size_t value = outputs_[i].value;
    outputs_[i].loss =
        std::make_unique<Loss>(*training.outputs[i], shape_of(value), description.nodes[value].name, place);
    place.output += 1;
    place.metrics += outputs_[i].loss->metrics();
  }
  if (place.output == 0) throw Error("INVALID_ARGUMENT", "no output has a loss; training needs at least one");
}

std::vector<size_t> Program::count_uses() const {
  std::vector<size_t> uses(inputs_.size() + nodes_.size());
  for (const Node& node : nodes_) {
    for (const size_t input : node.inputs) ++uses[input];
  }
  for (const Output& output : outputs_) ++uses[output.value];
  return uses;
}

// Lets losses take the logits of the softmax or sigmoid that gives their output, where nothing else takes it.
void Program::choose_logits() {
  const std::vector<size_t> uses = count_uses();
  for (Output& output : outputs_) {
    if (!output.loss || output.value < inputs_.size() || uses[output.value] != 1) continue;
    output.loss_takes_logits = gives(*nodes_[output.value - inputs_.size()].op, output.loss->logits_of());
  }
}

// Lets ops take over what follows them, and the reading of a batch take over a rescaling at the start: where nothing
// else needs the value between the two.
void Program::fuse() {
  const std::vector<size_t> uses = count_uses();
  std::vector<Node> fused;
  std::vector<size_t> moved(inputs_.size());  // each value's number among the fused nodes
  std::iota(moved.begin(), moved.end(), size_t{0});
  std::vector<size_t> moved_nodes;
  std::vector<bool> left_to_loss(inputs_.size() + nodes_.size());
  for (const Output& output : outputs_) left_to_loss[output.value] = output.loss_takes_logits;
  for (Node& node : nodes_) {
    const bool alone = node.inputs.size() == 1 && uses[node.inputs[0]] == 1 && !left_to_loss[moved.size()];
    for (size_t& input : node.inputs) input = moved[input];
    const size_t from = node.inputs[0];
    const bool reads = from < inputs_.size();
    const auto* rescaling = dynamic_cast<const RescalingOp*>(node.op.get());
    if (alone && reads && rescaling && inputs_[from].scale == 1 && inputs_[from].offset == 0) {
      inputs_[from].scale = rescaling->scale();
      inputs_[from].offset = rescaling->offset();
      moved.push_back(from);
    } else if (alone && !reads && fused[from - inputs_.size()].op->absorb(*node.op)) {
      moved.push_back(from);
    } else {
      // Of nodes that share weights the owner has some, so nothing has absorbed it.
      const size_t number = fused.size();
      node.owner = node.owner == moved_nodes.size() ? number : moved_nodes[node.owner];
      fused.push_back(std::move(node));
      moved.push_back(inputs_.size() + number);
    }
    moved_nodes.push_back(moved.back() - std::min(moved.back(), inputs_.size()));
  }
  nodes_ = std::move(fused);
  for (Output& output : outputs_) output.value = moved[output.value];
}

Optimizer& Program::optimizer() {
  if (!optimizer_) throw Error("NOT_COMPILED", "this model has no loss and optimizer yet; call compile first");
  return *optimizer_;
}

void Program::check_inputs(const SampleSets& x) const {
  if (x.size() != inputs_.size()) {
    throw Error("INVALID_ARGUMENT",
                "the model has " + std::to_string(inputs_.size()) + " inputs, not " + std::to_string(x.size()));
  }
  for (size_t i = 0; i < x.size(); ++i) {
    const std::string name = x.size() == 1 ? "x" : "x for " + inputs_[i].name;
    if (x[i]->sample_shape() != inputs_[i].shape) {
      throw Error("SHAPE_MISMATCH", name + " has the shape " + to_string(x[i]->shape()) +
                                        ", but the model takes samples of shape " + to_string(inputs_[i].shape));
    }
    if (x[i]->count() != x[0]->count()) {
      throw Error("SHAPE_MISMATCH", name + " has " + std::to_string(x[i]->count()) + " samples, but the first input " +
                                        std::to_string(x[0]->count()));
    }
  }
}

void Program::check_targets(size_t samples, const SampleSets& y, const SampleSets& weights,
                            const std::vector<uint32_t>* order) const {
  size_t next = 0;
  for (const Output& output : outputs_) {
    if (!output.loss) continue;
    if (next < y.size()) {
      if (y[next]->count() != samples) {
        throw Error("SHAPE_MISMATCH",
                    "x has " + std::to_string(samples) + " samples but y " + std::to_string(y[next]->count()));
      }
      output.loss->check_targets(*y[next], order);
    }
    ++next;
  }
  if (next == 0) throw Error("NOT_COMPILED", "this model has no loss yet; call compile first");
  if (y.size() != next || (!weights.empty() && weights.size() != next)) {
    throw Error("INVALID_ARGUMENT", "the model has " + std::to_string(next) +
                                        " outputs with a loss; each needs its targets, and all or none sample weights");
  }
  for (const Samples* w : weights) {
    if (w->type() == Samples::Type::kFloat32 && w->count() == samples && w->sample_shape() == Shape{1}) continue;
    throw Error("SHAPE_MISMATCH", "sample weights are float32 of shape [" + std::to_string(samples) + ",1], not " +
                                      w->type_name() + " of shape " + to_string(w->shape()));
  }
}

Totals Program::empty_totals() const {
  Totals totals;
  for (const Output& output : outputs_) {
    if (output.loss) output.loss->add_empty(&totals);
  }
  return totals;
}

void Program::plan_reading(Plan& plan, size_t input, BufferId value) const {
  const Input& in = inputs_[input];
  const size_t size = floats_of(in.shape);
  const bool rescales = in.scale != 1 || in.offset != 0;
  plan.pass({.node = in.name, .kind = "read", .algorithm = "elementwise", .fused = rescales ? "rescaling" : ""});
  plan.stage(
      {value}, [](const Step& s) { return static_cast<size_t>(s.n); },
      [&in, input, size, value](const Step& s, size_t task, float*) {
        const Samples& x = *s.x[input];
        const size_t sample = s.sample(static_cast<int>(task));
        float* y = s.at(value) + task * size;
        if (x.type() == Samples::Type::kUint8) {
          kernels().rescale_u8(x.u8(sample), y, size, in.scale, in.offset);
        } else if (x.type() == Samples::Type::kInt32) {
          for (size_t i = 0; i < size; ++i) y[i] = static_cast<float>(x.i32(sample)[i]) * in.scale + in.offset;
        } else if (in.scale == 1 && in.offset == 0) {
          std::copy_n(x.f32(sample), size, y);
        } else {
          kernels().rescale_f32(x.f32(sample), y, size, in.scale, in.offset);
        }
      });
}

Plan Program::make_plan(int capacity, Mode mode, Planned* planned) {
  Plan plan(capacity);
  planned->outputs.clear();
  if (mode == Mode::kUpdate) {
    optimizer_->plan(plan, weights_.floats(), parameters_);
    plan.finish({});
    return plan;
  }
  const bool training = mode == Mode::kTrain || mode == Mode::kGradients;
  std::vector<BufferId> values;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    values.push_back(plan.buffer(floats_of(inputs_[i].shape)));
    plan_reading(plan, i, values.back());
  }
  // Activations that the loss does itself.
  std::vector<bool> left_out(inputs_.size() + nodes_.size(), false);
  if (mode != Mode::kPredict) {
    for (const Output& output : outputs_) left_out[output.value] = output.loss_takes_logits;
  }
  std::vector<OpBuffers> buffers(nodes_.size());
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const Op& op = *nodes_[i].op;
    OpBuffers& b = buffers[i];
    for (const size_t input : nodes_[i].inputs) b.inputs.push_back(values[input]);
    b.in = b.inputs[0];
    b.trains = nodes_[i].trains;
    b.out = op.is_view(training) ? b.in : plan.buffer(floats_of(op.out));
    if (!left_out[values.size()]) op.plan_forward(plan, b, training);
    values.push_back(b.out);
  }
  for (const Output& output : outputs_) planned->outputs.push_back(values[output.value]);
  if (mode != Mode::kPredict) {
    std::vector<std::vector<BufferId>> terms(values.size());
    plan_losses(plan, buffers, values, training ? &terms : nullptr);
    if (training) plan_backward(plan, buffers, std::move(terms));
    plan_regularization(plan, weights_.floats(), parameters_, training);
    if (mode == Mode::kTrain) optimizer_->plan(plan, weights_.floats(), parameters_);
  }
  plan.finish(planned->outputs);
  return plan;
}

// Adds to `terms` (null without training) the gradients by the values that the losses take.
void Program::plan_losses(Plan& plan, const std::vector<OpBuffers>& buffers, const std::vector<BufferId>& values,
                          std::vector<std::vector<BufferId>>* terms) const {
  for (const Output& output : outputs_) {
    if (!output.loss) continue;
    const BufferId gradient = terms ? plan.buffer(output.size) : kNoBuffer;
    if (output.loss_takes_logits) {
      const size_t node = output.value - inputs_.size();
      output.loss->plan(plan, buffers[node].in, values[output.value], gradient);
      if (terms) (*terms)[nodes_[node].inputs[0]].push_back(gradient);
    } else {
      output.loss->plan(plan, values[output.value], kNoBuffer, gradient);
      if (terms) (*terms)[output.value].push_back(gradient);
    }
  }
}

void Program::plan_backward(Plan& plan, std::vector<OpBuffers>& buffers,
                            std::vector<std::vector<BufferId>> terms) const {
  std::vector<bool> learns(terms.size(), false);  // whether weights that train come before the value
  for (size_t i = 0; i < nodes_.size(); ++i) {
    bool any = nodes_[i].trains;
    for (const size_t input : nodes_[i].inputs) any = any || learns[input];
    learns[inputs_.size() + i] = any;
  }
  std::vector<bool> reached(nodes_.size(), false);
  for (size_t i = nodes_.size(); i-- > 0;) {
    const size_t value = inputs_.size() + i;
    if (!learns[value] || terms[value].empty()) continue;
    reached[i] = true;
    const Op& op = *nodes_[i].op;
    const std::vector<size_t>& inputs = nodes_[i].inputs;
    OpBuffers& b = buffers[i];
    b.d_out = plan_gradient_sum(plan, op, terms[value]);
    for (const size_t input : inputs) {
      const bool shared = op.shares_gradient() && b.d_in != kNoBuffer;
      BufferId by_input = kNoBuffer;
      if (learns[input] && op.passes_gradient()) {
        by_input = b.d_out;
      } else if (learns[input]) {
        by_input = shared ? b.d_in : plan.buffer(floats_of(shape_of(input)));
      }
      b.d_inputs.push_back(by_input);
      if (b.d_in == kNoBuffer) b.d_in = by_input;
    }
    op.plan_backward(plan, b);
    for (size_t k = inputs.size(); k-- > 0;) {
      if (learns[inputs[k]]) terms[inputs[k]].push_back(b.d_inputs[k]);
    }
  }
  plan_shared_gradients(plan, reached);
}

// Adds up the gradients of nodes that share weights, in the order of nodes. Weights that no loss depends on have a
// gradient of 0.
void Program::plan_shared_gradients(Plan& plan, const std::vector<bool>& reached) const {
  std::vector<bool> begun = reached;  // whether there is something to add to, by owner
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = nodes_[i];
    if (node.owner == i || !reached[i] || !node.trains) continue;
    const bool adds = begun[node.owner];
    begun[node.owner] = true;
    plan.pass({.node = node.op->name, .kind = "gradient sum", .algorithm = "elementwise"});
    for (size_t p = 0; p < node.parameters.size(); ++p) {
      const size_t from = node.parameters[p].gradient;
      const size_t to = nodes_[node.owner].parameters[p].gradient;
      const size_t floats = node.parameters[p].stored;
      plan.stage(
          {}, [floats](const Step&) { return ceil_div(floats, kPieceFloats); },
          [=](const Step& s, size_t task, float*) {
            const size_t first = task * kPieceFloats;
            const size_t count = std::min(kPieceFloats, floats - first);
            if (adds) {
              kernels().accumulate(s.gradients + from + first, s.gradients + to + first, count);
            } else {
              std::copy_n(s.gradients + from + first, count, s.gradients + to + first);
            }
          });
    }
  }
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (begun[i] || nodes_[i].owner != i || !nodes_[i].trains) continue;
    for (const Parameter& p : nodes_[i].parameters) {
      plan.stage(
          {}, [](const Step&) { return size_t{1}; },
          [from = p.gradient, floats = p.stored](const Step& s, size_t, float*) {
            std::fill_n(s.gradients + from, floats, 0.0f);
          });
    }
  }
}

Executor& Program::executor(int capacity, Mode mode) {
  Planned& planned = planned_[static_cast<int>(mode)];
  if (!planned.executor || planned.executor->capacity() < capacity) {
    planned.executor.reset();
    Plan plan = make_plan(capacity, mode, &planned);
    planned.executor = std::make_unique<Executor>(std::move(plan));
    planned.executor->measure(measures_);
  }
  return *planned.executor;
}

void Program::train(Step step, int capacity, Mode mode, Team& team) {
  Executor& run = executor(capacity, mode);
  step.training = true;
  step.weights = weights_.floats();
  step.state = weights_.floats();
  step.gradients = gradients_.floats();
  step.iteration = optimizer_->iterations;
  step.weights_version = weights_version_;
  run.run(step, team);
}

void Program::run_training(Step step, int capacity, Team& team) {
  optimizer_->begin_step();
  train(step, capacity, Mode::kTrain, team);
  ++weights_version_;
  optimizer_->end_step();
}

void Program::run_gradients(Step step, int capacity, Team& team) {
  train(step, capacity, Mode::kGradients, team);
  ++weights_version_;  // statistics among the weights may have changed
}

void Program::run_update(Team& team) {
  optimizer_->begin_step();
  train(Step{}, 1, Mode::kUpdate, team);
  // Those of weights that no loss depends on are never written by a step.
  std::fill_n(gradients_.floats(), gradient_floats_, 0.0f);
  ++weights_version_;
  optimizer_->end_step();
}

void Program::run_evaluation(Step step, int capacity, Team& team) {
  step.weights = weights_.floats();
  step.weights_version = weights_version_;
  executor(capacity, Mode::kEvaluate).run(step, team);
}

void Program::run_prediction(Step step, int capacity, float* const* y, Team& team) {
  step.weights = weights_.floats();
  step.weights_version = weights_version_;
  Executor& run = executor(capacity, Mode::kPredict);
  run.run(step, team);
  const Planned& planned = planned_[static_cast<int>(Mode::kPredict)];
  for (size_t i = 0; i < outputs_.size(); ++i)
    std::copy_n(run.result(planned.outputs[i]), static_cast<size_t>(step.n) * outputs_[i].size, y[i]);
}

// Gradients of weights are where the weights are.
Program::Arrays Program::unpack(const float* storage) const {
  Arrays arrays;
  for (const Parameter& parameter : parameters_) {
    arrays.emplace_back(static_cast<size_t>(parameter.size));
    parameter.unpack(storage + parameter.offset, arrays.back().data());
  }
  return arrays;
}

Program::Arrays Program::read_gradients() const {
  Arrays arrays = unpack(gradients_.floats());
  for (size_t i = 0; i < arrays.size(); ++i) {
    // An op that trains in part may leave something there.
    if (!parameters_[i].trainable) std::fill(arrays[i].begin(), arrays[i].end(), 0.0f);
  }
  return arrays;
}

void Program::write_gradient(size_t parameter, const float* values) {
  if (!parameters_[parameter].trainable) return;
  parameters_[parameter].pack(values, gradients_.floats() + parameters_[parameter].gradient);
}

Program::Arrays Program::read_slot(size_t slot) { return unpack(optimizer().slot(slot)); }

void Program::write_slot(size_t slot, size_t parameter, const float* values) {
  parameters_[parameter].pack(values, optimizer().slot(slot) + parameters_[parameter].offset);
}

void Program::check_arrays(const Arrays& arrays, const std::string& what) const {
  if (arrays.size() != parameters_.size()) {
    throw Error("SHAPE_MISMATCH", what + "the model has " + std::to_string(parameters_.size()) + " weights, not " +
                                      std::to_string(arrays.size()));
  }
  for (size_t i = 0; i < arrays.size(); ++i) {
    if (arrays[i].size() == static_cast<size_t>(parameters_[i].size)) continue;
    throw Error("SHAPE_MISMATCH", what + parameters_[i].name + ": has " + std::to_string(parameters_[i].size) +
                                      " values, not " + std::to_string(arrays[i].size()));
  }
}

}  // namespace convforge
