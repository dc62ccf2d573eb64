#include "program/executor.h"

#include <chrono>
#include <mutex>
#include <utility>

namespace convforge {
namespace {

constexpr size_t kSlackBytes = 256;

bool is_needed(const Stage& stage, const Step& step, bool new_weights) {
  return (!stage.on_new_weights || new_weights) && !(stage.updates && step.skips_update());
}

}  // namespace

// The slack is for kernels, which may read some vectors past the end of a buffer.
Executor::Executor(Plan plan) : plan_(std::move(plan)) {
  if (!plan_.has_shards()) arena_ = Memory(plan_.arena_bytes() + kSlackBytes);
}

void Executor::divide(const Shards& shards, size_t gradient_floats) {
  if (shards_ && shards_->shards() == shards) return;
  shards_.reset();  // first, so that memory isn't taken twice
  shards_ = std::make_unique<ShardRun>(shards, plan_.arena_bytes() + kSlackBytes, gradient_floats);
  weights_version_ = ~uint64_t{0};
}

void Executor::run(Step step, Team& team, std::mutex& state, StepVotes* votes) {
  if (team.size() > workers_) {
    scratch_ = Memory(static_cast<size_t>(team.size()) * plan_.scratch_floats() * sizeof(float) + kSlackBytes);
    workers_ = team.size();
  }
  step.arena = shards_ ? shards_->arena() : arena_.data();
  step.offsets = plan_.offsets().data();
  step.batch = step.n;
  step.batch_begin = 0;
  const bool new_weights = step.weights_version != weights_version_;
  weights_version_ = ~uint64_t{0};  // until the stages for new weights have run to the end
  if (shards_) shards_->begin(step, votes);
  if (shards_ && shards_->is_collective()) step.cancelled = nullptr;
  if (measures_) {
    run_measured(step, team, state, new_weights);
  } else {
    run_stages(step, team, state, new_weights, [](const Stage&) {});
  }
  weights_version_ = step.weights_version;
}

// Calls after_stage(stage) when a stage has run.
template <typename AfterStage>
void Executor::run_stages(Step& step, Team& team, std::mutex& state, bool new_weights, AfterStage&& after_stage) {
  std::unique_lock lock(state, std::defer_lock);
  const auto check = [&] {
    if (step.is_cancelled()) throw Interrupted{};
  };
  for (const Stage& stage : plan_.stages()) {
    if (!lock.owns_lock() && !(shards_ && shards_->is_collective())) {
      team.pause();
      check();
    }
    if (stage.changes_state && !lock.owns_lock()) {
      lock.lock();
      step.cancelled = nullptr;  // from here on, the step runs to its end
    }
    if (!is_needed(stage, step, new_weights)) continue;
    run_stage(stage, step, team);
    after_stage(stage);
  }
  check();
}

void Executor::run_stage(const Stage& stage, const Step& step, Team& team) {
  if (shards_ && !stage.of_batch) return shards_->run(stage, team, scratch_.floats(), plan_.scratch_floats());
  team.run(stage.tasks(step), [&](size_t task, int worker) {
    if (step.is_cancelled()) return;
    stage.run(step, task, scratch_.floats() + static_cast<size_t>(worker) * plan_.scratch_floats());
  });
}

void Executor::run_measured(Step& step, Team& team, std::mutex& state, bool new_weights) {
  using Clock = std::chrono::steady_clock;
  const auto seconds = [](Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
  };
  const Clock::time_point begin = Clock::now();
  Clock::time_point last = begin;
  run_stages(step, team, state, new_weights, [&](const Stage& stage) {
    const Clock::time_point now = Clock::now();
    profile_.by_pass[stage.pass] += seconds(last, now);
    last = now;
  });
  profile_.seconds += seconds(begin, last);
  profile_.steps += 1;
  profile_.samples += static_cast<size_t>(step.n);
}

void Executor::measure(bool on) {
  measures_ = on;
  profile_ = {};
  profile_.by_pass.assign(plan_.passes().size(), 0.0);
}

}  // namespace convforge
