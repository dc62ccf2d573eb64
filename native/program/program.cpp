#include "program/program.h"

#include <algorithm>
#include <utility>

#include "runtime/error.h"

namespace convforge {
namespace {

// Throws Error INVALID_ARGUMENT unless float32 holds all of these integers.
void check_exact(const Samples& x, const std::string& name, const std::string& layer) {
  const std::optional<size_t> wrong = x.first_inexact();
  if (!wrong) return;
  throw Error("INVALID_ARGUMENT",
              layer + ": element " + std::to_string(*wrong) + " of " + name + " is " +
                  std::to_string(x.i32(0)[*wrong]) +
                  "; an int32 input takes numbers from -2^24 to 2^24, which float32 holds exactly",
              layer);
}

}  // namespace

Program::Program(const ProgramDescription& description, std::shared_ptr<State> shared) : state_(std::move(shared)) {
  Layout layout = add_nodes(description);
  add_outputs(description);
  if (description.value_gradients) add_value_gradients(*description.value_gradients);
  if (description.training) add_losses(*description.training);
  choose_logits();
  fuse();
  fuse_inference();
  const OptimizerDescription* optimizer = description.training ? &description.training->optimizer : nullptr;
  if (state_) {
    state_->check_shareable(layout.parameters, optimizer, layout.gradient_floats);
  } else {
    state_ = std::make_shared<State>(std::move(layout.parameters), optimizer, layout.gradient_floats);
  }
}

const Shape& Program::shape_of(size_t value) const {
  if (value < inputs_.size()) return inputs_[value].shape;
  const NodeOutput& source = source_of(value);
  return nodes_[source.node].op->output(source.output);
}

const std::string& Program::name_of(size_t value) const {
  return value < inputs_.size() ? inputs_[value].name : nodes_[source_of(value).node].op->name;
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
    if (inputs_[i].is_whole) check_exact(*x[i], name, inputs_[i].name);
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

void Program::check_purpose(bool value_gradients) const {
  if ((purpose_ != Purpose::kTraining) == value_gradients) return;
  throw Error("INVALID_ARGUMENT", value_gradients ? "the program isn't for gradients by values"
                                                  : "the program is for gradients by values, not for training");
}

void Program::check_value_gradients(size_t samples, const SampleSets& y, const SampleSets& weights) const {
  check_purpose(true);
  if (purpose_ == Purpose::kGradientsOfLoss) return check_targets(samples, y, weights, nullptr);
  const Shape& shape = shape_of(outputs_[0].value);
  const bool fits = y.size() == 1 && weights.empty() && y[0]->type() == Samples::Type::kFloat32 &&
                    y[0]->count() == samples && y[0]->sample_shape() == shape;
  if (!fits)
    throw Error("SHAPE_MISMATCH", "gradients of an output take a float32 factor for each of its elements, " +
                                      std::to_string(samples) + " times " + to_string(shape));
}

Totals Program::empty_totals() const {
  Totals totals;
  for (const Output& output : outputs_) {
    if (output.loss) output.loss->add_empty(&totals);
  }
  return totals;
}

bool Program::is_planned(Mode mode, int capacity) const {
  const std::lock_guard lock(plans_mutex_);
  return capacities_[static_cast<int>(mode)] >= capacity;
}

void Program::prepare(Mode mode, int capacity) {
  if (is_planned(mode, capacity)) return;
  auto planned = std::make_unique<Planned>(make_plan(capacity, mode));
  const std::lock_guard lock(plans_mutex_);
  int& largest = capacities_[static_cast<int>(mode)];
  if (largest >= capacity) return;
  largest = capacity;
  prepared_[static_cast<int>(mode)] = std::move(planned);
}

Executor& Program::executor(int capacity, Mode mode) {
  const size_t index = static_cast<size_t>(mode);
  Running& running = running_[index];
  if (!running.executor || running.executor->capacity() < capacity) {
    prepare(mode, capacity);
    running = {};
    release_others(mode);
    std::unique_ptr<Planned> planned;
    {
      const std::lock_guard lock(plans_mutex_);
      planned = std::move(prepared_[index]);
      capacities_[index] = 0;  // in case there is no memory
      running_capacities_[index] = 0;
    }
    running.executor = std::make_unique<Executor>(std::move(planned->plan));
    running.outputs = std::move(planned->outputs);
    running.gradients = std::move(planned->gradients);
    const std::lock_guard lock(plans_mutex_);
    running_capacities_[index] = running.executor->capacity();
    capacities_[index] = std::max(capacities_[index], running.executor->capacity());
  }
  const uint64_t measuring = measuring_.load();
  if (running.measuring != measuring) {
    running.executor->measure(measuring % 2 == 1);
    running.measuring = measuring;
  }
  return *running.executor;
}

void Program::release_others(Mode mode) {
  if (std::count(std::begin(kTrainingModes), std::end(kTrainingModes), mode) == 0) return;
  for (const Mode other : kTrainingModes) {
    if (other == mode) continue;
    const size_t index = static_cast<size_t>(other);
    running_[index] = {};
    const std::lock_guard lock(plans_mutex_);
    running_capacities_[index] = 0;
    if (!prepared_[index]) capacities_[index] = 0;
  }
}

Program::Mode Program::mode_of(const TrainingWay& way) {
  if (way.shards.is_split()) return way.rematerialize ? Mode::kRematerializeShards : Mode::kTrainShards;
  return way.rematerialize ? Mode::kRematerialize : Mode::kTrain;
}

Step Program::training_step(Step step) const {
  step.training = true;
  step.weights = state_->weights();
  step.state = state_->weights();
  step.gradients = state_->gradients();
  step.iteration = state_->optimizer().iterations;
  step.weights_version = state_->version();
  return step;
}

void Program::run_training(Step step, int capacity, Team& team, const TrainingWay& way, StepVotes* votes) {
  state_->optimizer().begin_step();
  state_->update_skipped = false;  // also if this step doesn't end
  Executor& run = executor(capacity, mode_of(way));
  if (way.shards.is_split()) run.divide(way.shards, state_->gradient_bytes() / sizeof(float));
  run.run(training_step(step), team, state_->mutex, votes);
  state_->weights_changed();
  state_->update_skipped = step.skips_update();
  if (!state_->update_skipped) state_->optimizer().end_step();
}

void Program::run_gradients(Step step, int capacity, Team& team) {
  state_->update_skipped = false;
  executor(capacity, Mode::kGradients).run(training_step(step), team, state_->mutex);
  state_->weights_changed();  // the weights include statistics, which may have changed
}

void Program::run_value_gradients(Step step, int capacity, float* const* y, float* const* gradients, Team& team) {
  Executor& run = executor(capacity, Mode::kValueGradients);
  step.training = true;
  step.weights = state_->weights();
  step.weights_version = state_->version();
  step.iteration = state_->trains() ? state_->optimizer().iterations.load() : 0;
  run.run(step, team, state_->mutex);
  const Running& planned = running_[static_cast<int>(Mode::kValueGradients)];
  const size_t n = static_cast<size_t>(step.n);
  for (size_t i = 0; i < outputs_.size(); ++i) std::copy_n(run.result(planned.outputs[i]), n * outputs_[i].size, y[i]);
  for (size_t i = 0; i < gradient_values_.size(); ++i) {
    const BufferId id = planned.gradients[i];
    if (id == kNoBuffer) {
      std::fill_n(gradients[i], n * gradient_size(i), 0.0f);
    } else {
      std::copy_n(run.result(id), n * gradient_size(i), gradients[i]);
    }
  }
}

void Program::run_update(Team& team) {
  state_->optimizer().begin_step();
  executor(1, Mode::kUpdate).run(training_step({}), team, state_->mutex);
  state_->weights_changed();
  state_->update_skipped = false;
  state_->optimizer().end_step();
}

void Program::run_evaluation(Step step, int capacity, Team& team) {
  step.weights = state_->weights();
  step.weights_version = state_->version();
  executor(capacity, Mode::kEvaluate).run(step, team, state_->mutex);
}

void Program::run_prediction(Step step, int capacity, float* const* y, Team& team) {
  step.weights = state_->weights();
  step.weights_version = state_->version();
  Executor& run = executor(capacity, Mode::kPredict);
  run.run(step, team, state_->mutex);
  const Running& planned = running_[static_cast<int>(Mode::kPredict)];
  for (size_t i = 0; i < outputs_.size(); ++i)
    std::copy_n(run.result(planned.outputs[i]), static_cast<size_t>(step.n) * outputs_[i].size, y[i]);
}

}  // namespace convforge
