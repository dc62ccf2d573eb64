#include "program/program.h"

#include <algorithm>
#include <utility>

#include "ops/activation.h"
#include "ops/add.h"
#include "ops/rescaling.h"
#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

const ActivationOp* as_softmax(const Op& op) {
  const auto* activation = dynamic_cast<const ActivationOp*>(&op);
  return activation && activation->is_softmax() ? activation : nullptr;
}

// The gradient by an op's output, which is used once or more, from those that its uses give, the last use first: they
// are added from the first use on.
BufferId plan_gradient_sum(Plan& plan, const Op& op, const std::vector<BufferId>& terms) {
  if (terms.size() == 1) return terms[0];
  const size_t size = static_cast<size_t>(size_of(op.out));
  const BufferId sum = plan.buffer(size);
  plan_sum(plan, op.name, "gradient sum", {terms.rbegin(), terms.rend()}, sum, size);
  return sum;
}

}  // namespace

Program::Program(const ProgramDescription& description) {
  add_nodes(description);
  const std::string last = description.nodes.back().name;
  const Shape& output = shape_of(nodes_.size());
  output_size_ = static_cast<size_t>(size_of(output));
  if (description.training) {
    loss_ = std::make_unique<Loss>(*description.training, output, last);
    loss_takes_logits_ = loss_->is_cross_entropy() && !nodes_.empty() && as_softmax(*nodes_.back().op);
  }
  fuse();
  size_t floats = 0;
  for (const Parameter& parameter : parameters_) floats += parameter.stored;
  weights_ = Memory(floats * sizeof(float));
  if (description.training) {
    gradients_ = Memory(floats * sizeof(float));
    optimizer_ = std::make_unique<Optimizer>(description.training->optimizer, floats);
  }
}

void Program::add_nodes(const ProgramDescription& description) {
  const std::vector<NodeDescription>& nodes = description.nodes;
  if (nodes.empty() || nodes[0].op != "input" || !nodes[0].inputs.empty()) {
    throw Error("INVALID_ARGUMENT", "a program begins with an input node");
  }
  input_ = nodes[0].shape;
  input_name_ = nodes[0].name;
  checked_size(input_, "input", nodes[0].name);
  size_t weight_offset = 0;
  for (size_t value = 1; value < nodes.size(); ++value)
    nodes_.push_back(make_node(nodes[value], value, &weight_offset));
  const std::vector<size_t> uses = count_uses();
  for (size_t value = 0; value + 1 < nodes.size(); ++value) {
    if (uses[value] > 0) continue;
    throw Error(
        "INVALID_ARGUMENT",
        nodes[value].name + ": no node takes its output, and only the last node's is the program's; leave it out",
        nodes[value].name);
  }
}

Program::Node Program::make_node(const NodeDescription& node, size_t value, size_t* weight_offset) {
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
  std::vector<Parameter> placed;
  for (const ParameterDescription& parameter : made.op->parameters()) {
    placed.push_back(make_parameter(node.name + "/" + parameter.name, parameter.shape, *weight_offset, node.name));
    *weight_offset += placed.back().stored;
  }
  made.op->place(placed);
  parameters_.insert(parameters_.end(), placed.begin(), placed.end());
  return made;
}

std::vector<size_t> Program::count_uses() const {
  std::vector<size_t> uses(nodes_.size() + 1);
  for (const Node& node : nodes_) {
    for (const size_t input : node.inputs) ++uses[input];
  }
  return uses;
}

// Lets ops take over what follows them, and the reading of the batch take over a rescaling at the start: where nothing
// else needs the value between the two.
void Program::fuse() {
  const std::vector<size_t> uses = count_uses();
  std::vector<Node> fused;
  std::vector<size_t> moved = {0};  // each value's number among the fused nodes
  for (Node& node : nodes_) {
    const bool alone = node.inputs.size() == 1 && uses[node.inputs[0]] == 1;
    for (size_t& input : node.inputs) input = moved[input];
    const size_t from = node.inputs[0];
    const auto* rescaling = dynamic_cast<const RescalingOp*>(node.op.get());
    if (alone && from == 0 && rescaling && scale_ == 1 && offset_ == 0) {
      scale_ = rescaling->scale();
      offset_ = rescaling->offset();
      moved.push_back(0);
    } else if (alone && from > 0 && fused[from - 1].op->absorb(*node.op)) {
      moved.push_back(from);
    } else {
      fused.push_back(std::move(node));
      moved.push_back(fused.size());
    }
  }
  nodes_ = std::move(fused);
}

Optimizer& Program::optimizer() {
  if (!optimizer_) throw Error("NOT_COMPILED", "this model has no loss and optimizer yet; call compile first");
  return *optimizer_;
}

void Program::check_input(const Samples& x) const {
  if (x.type() == Samples::Type::kInt32)
    throw Error("INVALID_ARGUMENT", "x must hold uint8 or float32 samples, not int32 ones");
  if (x.sample_shape() != input_) {
    throw Error("SHAPE_MISMATCH", "x has the shape " + to_string(x.shape()) +
                                      ", but the model takes samples of shape " + to_string(input_));
  }
}

void Program::check_targets(const Samples& x, const Samples& y, const std::vector<uint32_t>* order) const {
  if (!loss_) throw Error("NOT_COMPILED", "this model has no loss yet; call compile first");
  if (x.count() != y.count()) {
    throw Error("SHAPE_MISMATCH", "x has " + std::to_string(x.count()) + " samples but y " + std::to_string(y.count()));
  }
  loss_->check_targets(y, order);
}

Totals Program::empty_totals() const {
  Totals totals;
  totals.metrics.assign(loss_ ? loss_->metrics() : 0, 0.0);
  return totals;
}

void Program::plan_reading(Plan& plan, BufferId value) const {
  const size_t size = static_cast<size_t>(size_of(input_));
  const bool rescales = scale_ != 1 || offset_ != 0;
  plan.pass({.node = input_name_, .kind = "read", .algorithm = "elementwise", .fused = rescales ? "rescaling" : ""});
  plan.stage(
      {value}, [](const Step& s) { return static_cast<size_t>(s.n); },
      [this, size, value](const Step& s, size_t task, float*) {
        const size_t sample = s.sample(static_cast<int>(task));
        float* y = s.at(value) + task * size;
        if (s.x->type() == Samples::Type::kUint8) {
          kernels().rescale_u8(s.x->u8(sample), y, size, scale_, offset_);
        } else if (scale_ == 1 && offset_ == 0) {
          std::copy_n(s.x->f32(sample), size, y);
        } else {
          kernels().rescale_f32(s.x->f32(sample), y, size, scale_, offset_);
        }
      });
}

Plan Program::make_plan(int capacity, Mode mode, BufferId* output) {
  Plan plan(capacity);
  const bool training = mode == Mode::kTrain;
  std::vector<BufferId> values = {plan.buffer(static_cast<size_t>(size_of(input_)))};
  plan_reading(plan, values[0]);
  std::vector<OpBuffers> buffers(nodes_.size());
  const bool fused_softmax = loss_takes_logits_ && mode != Mode::kPredict;
  const size_t end = nodes_.size() - (fused_softmax ? 1 : 0);
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const Op& op = *nodes_[i].op;
    OpBuffers& b = buffers[i];
    for (const size_t input : nodes_[i].inputs) b.inputs.push_back(values[input]);
    b.in = b.inputs[0];
    b.out = op.is_view(training) ? b.in : plan.buffer(static_cast<size_t>(size_of(op.out)));
    values.push_back(b.out);
    if (i < end) op.plan_forward(plan, b, training);
  }
  *output = values.back();
  if (mode != Mode::kPredict) {
    const BufferId scores = fused_softmax ? buffers.back().in : values.back();
    const BufferId probabilities = fused_softmax ? values.back() : kNoBuffer;
    const BufferId gradient = training ? plan.buffer(output_size_) : kNoBuffer;
    loss_->plan(plan, scores, probabilities, gradient);
    if (training) {
      plan_backward(plan, buffers, gradient, end);
      optimizer_->plan(plan, weights_.floats());
    }
  }
  plan.finish({*output});
  return plan;
}

// `gradient` is by value `end`, the output of the last node to go back through. (A softmax that the loss does itself is
// the only node that takes its input, the value before: all others lead to it.)
void Program::plan_backward(Plan& plan, std::vector<OpBuffers>& buffers, BufferId gradient, size_t end) const {
  std::vector<bool> learns(end + 1, false);  // whether parameters come before the value
  for (size_t i = 0; i < end; ++i) {
    learns[i + 1] = !nodes_[i].op->parameters().empty();
    for (const size_t input : nodes_[i].inputs) learns[i + 1] = learns[i + 1] || learns[input];
  }
  // The gradients by each value that its uses give, the last use first.
  std::vector<std::vector<BufferId>> terms(end + 1);
  terms[end] = {gradient};
  for (size_t i = end; i-- > 0;) {
    if (!learns[i + 1]) continue;
    const Op& op = *nodes_[i].op;
    const std::vector<size_t>& inputs = nodes_[i].inputs;
    OpBuffers& b = buffers[i];
    b.d_out = plan_gradient_sum(plan, op, terms[i + 1]);
    if (op.passes_gradient()) {
      b.d_in = b.d_out;
    } else if (std::any_of(inputs.begin(), inputs.end(), [&](size_t input) { return learns[input]; })) {
      b.d_in = plan.buffer(static_cast<size_t>(size_of(op.in)));
    }
    op.plan_backward(plan, b);
    for (size_t k = inputs.size(); k-- > 0;) terms[inputs[k]].push_back(b.d_in);
  }
}

Executor& Program::executor(int capacity, Mode mode) {
  Planned& planned = planned_[static_cast<int>(mode)];
  if (!planned.executor || planned.executor->capacity() < capacity) {
    planned.executor.reset();
    Plan plan = make_plan(capacity, mode, &planned.output);
    planned.executor = std::make_unique<Executor>(std::move(plan));
    planned.executor->measure(measures_);
  }
  return *planned.executor;
}

void Program::run_training(Step step, int capacity, Team& team) {
  Executor& run = executor(capacity, Mode::kTrain);
  step.training = true;
  step.weights = weights_.floats();
  step.gradients = gradients_.floats();
  step.iteration = optimizer_->iterations;
  step.weights_version = weights_version_;
  run.run(step, team);
  ++weights_version_;
  ++optimizer_->iterations;
}

void Program::run_evaluation(Step step, int capacity, Team& team) {
  step.weights = weights_.floats();
  step.weights_version = weights_version_;
  executor(capacity, Mode::kEvaluate).run(step, team);
}

void Program::run_prediction(Step step, int capacity, float* y, Team& team) {
  step.weights = weights_.floats();
  step.weights_version = weights_version_;
  Executor& run = executor(capacity, Mode::kPredict);
  run.run(step, team);
  const float* output = run.result(planned_[static_cast<int>(Mode::kPredict)].output);
  std::copy_n(output, static_cast<size_t>(step.n) * output_size_, y);
}

Program::Arrays Program::unpack(const float* storage) const {
  Arrays arrays;
  for (const Parameter& parameter : parameters_) {
    arrays.emplace_back(static_cast<size_t>(parameter.size));
    parameter.unpack(storage + parameter.offset, arrays.back().data());
  }
  return arrays;
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
