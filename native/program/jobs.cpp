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
  check();
  program_->state().jobs.fetch_add(1);
  counted_ = true;
}

void ProgramJob::leave() {
  if (counted_) program_->state().jobs.fetch_sub(1);
  counted_ = false;
}

void ProgramJob::check() const {
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
  check();
  if (done_ >= count_) return true;
  const size_t batch = static_cast<size_t>(data_.batch_size);
  Step step;
  step.n = static_cast<int>(std::min(batch, count_ - done_));
  step.x = x_.data();
  step.y = y_.data();
  step.sample_weights = sample_weights_.empty() ? nullptr : sample_weights_.data();
  step.first = done_;
  step.iteration = done_ / batch;
  step.cancelled = &cancelled_word();
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
      votes_(options_.way.shards.collective),
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

void TrainJob::end_training() {
  if (trains_) program_->state().training_jobs.fetch_sub(1);
  trains_ = false;
}

void TrainJob::finished(std::exception_ptr failure) noexcept {
  if (failure) votes_.leave();
  end_training();
  BatchJob::finished(failure);
}

void TrainJob::run(Step step, int capacity, Team& team) {
  step.order = order_.data() + step.first;
  step.seed = options_.seed;
  step.totals = &totals_;
  step.stop_at_non_finite = options_.stop_at_non_finite;
  program_->run_training(step, capacity, team, options_.way, &votes_);
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

PredictJob::PredictJob(const void* owner, std::shared_ptr<Program> program, Data data, uint64_t seed, Places outputs,
                       Finished finished)
    : BatchJob(Priority::kInference, owner, std::move(program), std::move(data), std::move(finished), "prediction",
               "batches"),
      seed_(seed),
      outputs_(std::move(outputs)),
      batch_outputs_(outputs_.size()) {}

void PredictJob::run(Step step, int capacity, Team& team) {
  step.seed = seed_;
  for (size_t i = 0; i < outputs_.size(); ++i) batch_outputs_[i] = outputs_[i] + step.first * program_->output_size(i);
  program_->run_prediction(step, capacity, batch_outputs_.data(), team);
}

GradientJob::GradientJob(const void* owner, std::shared_ptr<Program> program, Data data, uint64_t seed,
                         Places gradients, Finished finished)
    : BatchJob(Priority::kInference, owner, std::move(program), std::move(data), std::move(finished),
               "a computation of gradients", "batches"),
      seed_(seed),
      gradients_(std::move(gradients)) {
  program_->check_purpose(false);
  program_->state().optimizer();
  check_targets(nullptr);
  totals_ = program_->empty_totals();
}

void GradientJob::run(Step step, int capacity, Team& team) {
  step.seed = seed_;
  step.totals = &totals_;
  program_->run_gradients(step, capacity, team);
  program_->state().read_gradients(gradients_);
}

ValueGradientJob::ValueGradientJob(const void* owner, std::shared_ptr<Program> program, Data data, uint64_t seed,
                                   Places outputs, Places gradients, Finished finished)
    : BatchJob(Priority::kInference, owner, std::move(program), std::move(data), std::move(finished),
               "a computation of gradients", "batches"),
      seed_(seed),
      outputs_(std::move(outputs)),
      gradients_(std::move(gradients)) {
  program_->check_value_gradients(count_, y_, sample_weights_);
  totals_ = program_->empty_totals();
}

void ValueGradientJob::run(Step step, int capacity, Team& team) {
  step.seed = seed_;
  step.totals = &totals_;
  program_->run_value_gradients(step, capacity, outputs_.data(), gradients_.data(), team);
}

UpdateJob::UpdateJob(const void* owner, std::shared_ptr<Program> program, std::optional<StagedValues::Sets> gradients,
                     Finished finished)
    : ProgramJob(Priority::kInference, owner, std::move(program), std::move(finished)),
      gradients_(std::move(gradients)) {
  program_->state().optimizer();
}

bool UpdateJob::step(Team& team) {
  check();
  State& state = program_->state();
  if (!gradients_ && !state.update_skipped) {
    throw Error("INVALID_ARGUMENT", "there is no skipped step to run");
  }
  for (size_t i = 0; gradients_ && i < gradients_->size(); ++i) state.write_gradient(i, (*gradients_)[i]->f32(0));
  program_->run_update(team);
  return true;
}

bool ReadJob::step(Team&) {
  check();
  iterations_ = program_->state().read_newest(to_);
  return true;
}

WriteJob::WriteJob(const void* owner, std::shared_ptr<Program> program, StagedValues values, Finished finished)
    : StateJob(owner, std::move(program), std::move(finished)), values_(std::move(values)) {
  program_->state().stage(&values_);
  state_ = program_->shared_state();
}

void WriteJob::unstage() {
  if (state_) state_->unstage(&values_);
  state_.reset();
}

bool WriteJob::step(Team&) {
  check();
  const std::lock_guard lock(state_->mutex);
  state_->write(values_);
  unstage();
  return true;
}

void WriteJob::finished(std::exception_ptr failure) noexcept {
  unstage();
  values_ = {};
  StateJob::finished(failure);
}

void ExplainJob::prepare() { explanation_ = program_->explain_new(mode_, capacity_); }

bool ExplainJob::step(Team&) {
  check();
  if (!explanation_) explanation_ = program_->explain(mode_, capacity_);
  return true;
}

bool DiscardJob::step(Team&) {
  garbage_.reset();
  return true;
}

void DiscardJob::finished(std::exception_ptr) noexcept { garbage_.reset(); }

}  // namespace convforge
