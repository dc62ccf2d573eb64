#include "program/program.h"

#include <algorithm>
#include <utility>

#include "ops/activation.h"
#include "ops/rescaling.h"
#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

const ActivationOp* as_softmax(const Op& op) {
  const auto* activation = dynamic_cast<const ActivationOp*>(&op);
  return activation && activation->is_softmax() ? activation : nullptr;
}

}  // namespace

Program::Program(const ProgramDescription& description) {
  add_nodes(description);
  const std::string last = description.nodes.back().name;
  const Shape& output = ops_.empty() ? input_ : ops_.back()->out;
  output_size_ = static_cast<size_t>(size_of(output));
  if (description.training) {
    loss_ = std::make_unique<Loss>(*description.training, output, last);
    loss_takes_logits_ = loss_->is_cross_entropy() && !ops_.empty() && as_softmax(*ops_.back());
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

// Programs are chains in this version: each node takes the one before it.
void Program::add_nodes(const ProgramDescription& description) {
  const std::vector<NodeDescription>& nodes = description.nodes;
  if (nodes.empty() || nodes[0].op != "input" || !nodes[0].inputs.empty()) {
    throw Error("INVALID_ARGUMENT", "a program begins with an input node");
  }
  input_ = nodes[0].shape;
  input_name_ = nodes[0].name;
  checked_size(input_, "input", nodes[0].name);
  Shape shape = input_;
  size_t offset = 0;
  for (size_t i = 1; i < nodes.size(); ++i) {
    const NodeDescription& node = nodes[i];
    if (node.inputs != std::vector<int64_t>{static_cast<int64_t>(i) - 1}) {
      throw Error("UNSUPPORTED", node.name + ": every node takes the output of the node before it, and only that",
                  node.name);
    }
    ops_.push_back(make_op(node, shape));
    shape = ops_.back()->out;
    checked_size(shape, "output", node.name);
    std::vector<Parameter> placed;
    for (const ParameterDescription& parameter : ops_.back()->parameters()) {
      placed.push_back(make_parameter(node.name + "/" + parameter.name, parameter.shape, offset, node.name));
      offset += placed.back().stored;
    }
    ops_.back()->place(placed);
    parameters_.insert(parameters_.end(), placed.begin(), placed.end());
  }
}

// Lets ops take over what follows them, and the reading of the batch take over a rescaling at the start.
void Program::fuse() {
  std::vector<std::unique_ptr<Op>> fused;
  for (std::unique_ptr<Op>& op : ops_) {
    const auto* rescaling = dynamic_cast<const RescalingOp*>(op.get());
    if (rescaling && fused.empty() && scale_ == 1 && offset_ == 0) {
      scale_ = rescaling->scale();
      offset_ = rescaling->offset();
    } else if (fused.empty() || !fused.back()->absorb(*op)) {
      fused.push_back(std::move(op));
    }
  }
  ops_ = std::move(fused);
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
  BufferId value = plan.buffer(static_cast<size_t>(size_of(input_)));
  plan_reading(plan, value);
  std::vector<OpBuffers> buffers(ops_.size());
  const bool fused_softmax = loss_takes_logits_ && mode != Mode::kPredict;
  for (size_t i = 0; i < ops_.size(); ++i) {
    OpBuffers& b = buffers[i];
    b.in = value;
    b.out = ops_[i]->is_view(training) ? b.in : plan.buffer(static_cast<size_t>(size_of(ops_[i]->out)));
    const bool in_loss = fused_softmax && i + 1 == ops_.size();
    if (!in_loss) ops_[i]->plan_forward(plan, b, training);
    value = b.out;
  }
  *output = value;
  if (mode != Mode::kPredict) {
    const BufferId scores = fused_softmax ? buffers.back().in : value;
    const BufferId probabilities = fused_softmax ? value : kNoBuffer;
    const BufferId gradient = training ? plan.buffer(output_size_) : kNoBuffer;
    loss_->plan(plan, scores, probabilities, gradient);
    if (training) {
      plan_backward(plan, buffers, gradient, ops_.size() - (fused_softmax ? 1 : 0));
      optimizer_->plan(plan, weights_.floats());
    }
  }
  plan.finish({value});
  return plan;
}

void Program::plan_backward(Plan& plan, std::vector<OpBuffers>& buffers, BufferId gradient, size_t end) {
  const auto learns = [this](size_t i) { return !ops_[i]->parameters().empty(); };
  size_t first = 0;
  while (first < end && !learns(first)) ++first;
  for (size_t i = end; i-- > first;) {
    OpBuffers& b = buffers[i];
    b.d_out = gradient;
    if (ops_[i]->is_view(true)) {
      b.d_in = gradient;
    } else if (i > first) {
      b.d_in = plan.buffer(static_cast<size_t>(size_of(ops_[i]->in)));
    }
    ops_[i]->plan_backward(plan, b);
    gradient = b.d_in;
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
