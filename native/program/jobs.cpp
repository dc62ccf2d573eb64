#include "program/jobs.h"

#include <algorithm>
#include <new>
#include <string>
#include <utility>

#include "runtime/error.h"

namespace convforge {
namespace {

// Often enough for a smooth progress bar, without burdening the event loop.
constexpr auto kProgressInterval = std::chrono::milliseconds(17);

}  // namespace

ProgramJob::ProgramJob(Priority priority, const void* owner, std::shared_ptr<Program> program, Finished finished)
    : Job(priority, owner),
      program_(std::move(program)),
      subject_(program_->shared_state().get()),
      finished_(std::move(finished)) {
  check_usable();
}

void ProgramJob::check_usable() const {
  if (program_->state().disposed.load()) throw Error("DISPOSED", "this model was disposed of");
}

void ProgramJob::prepare() {
  try {
    program_->prepare(mode(), capacity());
  } catch (const std::bad_alloc&) {
    throw Error("OUT_OF_MEMORY", "no memory to plan the model; try a smaller one");
  }
}

BatchJob::BatchJob(Priority priority, const void* owner, std::shared_ptr<Program> program, Data data, Finished finished,
                   const char* activity, const char* unit)
    : ProgramJob(priority, owner, std::move(program), std::move(finished)),
      data_(std::move(data)),
      activity_(activity),
      unit_(unit) {
  if (data_.batch_size < 1) throw Error("INVALID_ARGUMENT", "batchSize is 0; it must be at least 1");
  const auto pointers = [](const Data::Sets& sets, Program::SampleSets* to) {
    for (const std::shared_ptr<Samples>& set : sets) to->push_back(set.get());
  };
  pointers(data_.x, &x_);
  pointers(data_.y, &y_);
  pointers(data_.sample_weights, &sample_weights_);
  program_->check_inputs(x_);
  count_ = x_[0]->count();
}

void BatchJob::check_targets(const std::vector<uint32_t>* order) const {
  program_->check_targets(x_[0]->count(), y_, sample_weights_, order);
}

std::string BatchJob::progress() const {
  const size_t steps = ceil_div(done_, static_cast<size_t>(data_.batch_size));
  return std::string(activity_) + " was aborted after " + std::to_string(steps) + " " + unit_;
}

int BatchJob::capacity() const { return static_cast<int>(std::min(static_cast<size_t>(data_.batch_size), count_)); }

bool BatchJob::step(Team& team) {
  check_usable();
  if (done_ >= count_) return true;
  const std::lock_guard lock(program_->state().mutex);
  const size_t batch = static_cast<size_t>(data_.batch_size);
  Step step;
  step.n = static_cast<int>(std::min(batch, count_ - done_));
  step.x = x_.data();
  step.y = y_.data();
  step.sample_weights = sample_weights_.empty() ? nullptr : sample_weights_.data();
  step.first = done_;
  step.iteration = done_ / batch;
  try {
    run(step, capacity(), team);
  } catch (const std::bad_alloc&) {
    throw Error("OUT_OF_MEMORY", "no memory for a batch of " + std::to_string(step.n) + "; try a smaller one");
  }
  done_ += static_cast<size_t>(step.n);
  return done_ >= count_;
}

void BatchJob::finished(std::exception_ptr failure) noexcept {
  data_ = {};
  ProgramJob::finished(failure);
}

TrainJob::TrainJob(const void* owner, std::shared_ptr<Program> program, Data data, std::vector<uint32_t> order,
                   Options options, Progress progress, Finished finished)
    : BatchJob(Priority::kTraining, owner, std::move(program), std::move(data), std::move(finished), "training",
               "steps"),
      order_(std::move(order)),
      options_(std::move(options)),
      progress_(std::move(progress)) {
  program_->check_purpose(false);
  program_->state().optimizer();
  for (const uint32_t sample : order_) {
    if (sample < count_) continue;
    throw Error("INVALID_ARGUMENT",
                "order names sample " + std::to_string(sample) + ", but there are " + std::to_string(count_));
  }
  check_targets(&order_);
  count_ = order_.size();
  totals_ = program_->empty_totals();
  if (options_.totals) continue_totals();
  program_->state().training_jobs.fetch_add(1);
}

void TrainJob::continue_totals() {
  const auto sizes = [](const Totals& totals) {
    std::vector<size_t> counts = {totals.losses.size()};
    for (const auto& sums : totals.metrics) counts.push_back(sums.size());
    return counts;
  };
  if (sizes(*options_.totals) != sizes(totals_))
    throw Error("INVALID_ARGUMENT", "the totals to continue have other losses or metrics than the program");
  totals_ = *options_.totals;
}

void TrainJob::leave() {
  if (counted_) program_->state().training_jobs.fetch_sub(1);
  counted_ = false;
}

void TrainJob::finished(std::exception_ptr failure) noexcept {
  leave();
  BatchJob::finished(failure);
}

void TrainJob::run(Step step, int capacity, Team& team) {
  step.order = order_.data() + step.first;
  step.seed = options_.seed;
  step.totals = &totals_;
  step.stop_at_non_finite = options_.stop_at_non_finite;
  program_->run_training(step, capacity, team, options_.rematerialize);
  if (step.skips_update()) count_ = step.first + static_cast<size_t>(step.n);
  const auto now = std::chrono::steady_clock::now();
  if (progress_ && now - reported_ >= kProgressInterval) {
    reported_ = now;
    progress_(totals_);
  }
}

EvaluateJob::EvaluateJob(const void* owner, std::shared_ptr<Program> program, Data data, uint64_t seed,
                         Finished finished)
    : BatchJob(Priority::kInference, owner, std::move(program), std::move(data), std::move(finished), "evaluation",
               "batches"),
      seed_(seed) {
  check_targets(nullptr);
  totals_ = program_->empty_totals();
}

void EvaluateJob::run(Step step, int capacity, Team& team) {
  step.seed = seed_;
  step.totals = &totals_;
  program_->run_evaluation(step, capacity, team);
}

PredictJob::PredictJob(const void* owner, std::shared_ptr<Program> program, Data data, uint64_t seed, Finished finished)
    : BatchJob(Priority::kInference, owner, std::move(program), std::move(data), std::move(finished), "prediction",
               "batches"),
      seed_(seed) {
  try {
    for (size_t i = 0; i < program_->output_count(); ++i) outputs_.emplace_back(count_ * program_->output_size(i));
    batch_outputs_.resize(outputs_.size());
  } catch (const std::exception&) {
    throw Error("OUT_OF_MEMORY",
                "no memory for the outputs of " + std::to_string(count_) + " samples; predict fewer at once");
  }
}

void PredictJob::run(Step step, int capacity, Team& team) {
  step.seed = seed_;
  for (size_t i = 0; i < outputs_.size(); ++i)
    batch_outputs_[i] = outputs_[i].data() + step.first * program_->output_size(i);
  program_->run_prediction(step, capacity, batch_outputs_.data(), team);
}

GradientJob::GradientJob(const void* owner, std::shared_ptr<Program> program, Data data, uint64_t seed,
                         Finished finished)
    : BatchJob(Priority::kInference, owner, std::move(program), std::move(data), std::move(finished),
               "a computation of gradients", "batches"),
      seed_(seed) {
  program_->check_purpose(false);
  program_->state().optimizer();
  check_targets(nullptr);
  totals_ = program_->empty_totals();
}

void GradientJob::run(Step step, int capacity, Team& team) {
  step.seed = seed_;
  step.totals = &totals_;
  program_->run_gradients(step, capacity, team);
  gradients_ = program_->state().read_gradients();
}

ValueGradientJob::ValueGradientJob(const void* owner, std::shared_ptr<Program> program, Data data, uint64_t seed,
                                   Finished finished)
    : BatchJob(Priority::kInference, owner, std::move(program), std::move(data), std::move(finished),
               "a computation of gradients", "batches"),
      seed_(seed) {
  program_->check_value_gradients(count_, y_, sample_weights_);
  totals_ = program_->empty_totals();
  try {
    for (size_t i = 0; i < program_->output_count(); ++i) outputs_.emplace_back(count_ * program_->output_size(i));
    for (size_t i = 0; i < program_->gradient_count(); ++i)
      gradients_.emplace_back(count_ * program_->gradient_size(i));
  } catch (const std::exception&) {
    throw Error("OUT_OF_MEMORY",
                "no memory for the gradients of " + std::to_string(count_) + " samples; give fewer at once");
  }
}

void ValueGradientJob::run(Step step, int capacity, Team& team) {
  step.seed = seed_;
  step.totals = &totals_;
  const auto addresses = [](State::Arrays& arrays) {
    std::vector<float*> pointers;
    for (std::vector<float>& array : arrays) pointers.push_back(array.data());
    return pointers;
  };
  program_->run_value_gradients(step, capacity, addresses(outputs_).data(), addresses(gradients_).data(), team);
}

UpdateJob::UpdateJob(const void* owner, std::shared_ptr<Program> program, std::optional<State::Arrays> gradients,
                     Finished finished)
    : ProgramJob(Priority::kInference, owner, std::move(program), std::move(finished)),
      gradients_(std::move(gradients)) {
  program_->state().optimizer();
  if (gradients_) program_->state().check_arrays(*gradients_, "gradients: ");
}

bool UpdateJob::step(Team& team) {
  check_usable();
  State& state = program_->state();
  const std::lock_guard lock(state.mutex);
  if (!gradients_ && !state.update_skipped) {
    throw Error("INVALID_ARGUMENT", "there is no skipped step to run");
  }
  for (size_t i = 0; gradients_ && i < gradients_->size(); ++i) state.write_gradient(i, (*gradients_)[i].data());
  program_->run_update(team);
  return true;
}

Snapshot take_snapshot(State& state) {
  Snapshot snapshot;
  snapshot.weights = state.read_weights();
  snapshot.trains = state.trains();
  if (!snapshot.trains) return snapshot;
  const Optimizer& optimizer = state.optimizer();
  snapshot.iterations = optimizer.iterations;
  snapshot.slot_names = optimizer.slot_names();
  for (size_t i = 0; i < snapshot.slot_names.size(); ++i) snapshot.slots.push_back(state.read_slot(i));
  return snapshot;
}

bool SnapshotJob::step(Team&) {
  check_usable();
  const std::lock_guard lock(program_->state().mutex);
  snapshot_ = take_snapshot(program_->state());
  return true;
}

}  // namespace convforge
