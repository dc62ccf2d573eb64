#include "program/program.h"

#include <algorithm>
#include <utility>

#include "runtime/error.h"

namespace convforge {

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
  next = 0;
  for (const Output& output : outputs_) {
    if (output.loss && !weights.empty()) output.loss->check_weights(*weights[next++], samples);
  }
}

Totals Program::empty_totals() const {
  Totals totals;
  for (const Output& output : outputs_) {
    if (output.loss) output.loss->add_empty(&totals);
  }
  return totals;
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
  holds_step_ = step.held();
  if (!holds_step_) optimizer_->end_step();
}

void Program::run_gradients(Step step, int capacity, Team& team) {
  train(step, capacity, Mode::kGradients, team);
  holds_step_ = false;
  ++weights_version_;  // statistics among the weights may have changed
}

void Program::run_update(Team& team) {
  optimizer_->begin_step();
  train(Step{}, 1, Mode::kUpdate, team);
  ++weights_version_;
  holds_step_ = false;
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
