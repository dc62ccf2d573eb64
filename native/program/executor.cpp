#include "program/executor.h"

#include <chrono>
#include <utility>

namespace convforge {
namespace {

constexpr size_t kSlackBytes = 256;

bool is_needed(const Stage& stage, const Step& step, bool new_weights) {
  return (!stage.on_new_weights || new_weights) && !(stage.updates && step.skips_update());
}

}  // namespace

// The slack is for kernels, which may read some vectors past the end of a buffer.
Executor::Executor(Plan plan) : plan_(std::move(plan)), arena_(plan_.arena_bytes() + kSlackBytes) {}

void Executor::run(Step step, Team& team) {
  if (team.size() > workers_) {
    scratch_ = Memory(static_cast<size_t>(team.size()) * plan_.scratch_floats() * sizeof(float) + kSlackBytes);
    workers_ = team.size();
  }
  step.arena = arena_.data();
  step.offsets = plan_.offsets().data();
  const bool new_weights = step.weights_version != weights_version_;
  weights_version_ = step.weights_version;
  if (measures_) return run_measured(step, team, new_weights);
  for (const Stage& stage : plan_.stages()) {
    if (is_needed(stage, step, new_weights)) run_stage(stage, step, team);
  }
}

void Executor::run_stage(const Stage& stage, const Step& step, Team& team) {
  team.run(stage.tasks(step), [&](size_t task, int worker) {
    stage.run(step, task, scratch_.floats() + static_cast<size_t>(worker) * plan_.scratch_floats());
  });
}

void Executor::run_measured(const Step& step, Team& team, bool new_weights) {
  using Clock = std::chrono::steady_clock;
  const auto seconds = [](Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
  };
  const Clock::time_point begin = Clock::now();
  Clock::time_point last = begin;
  for (const Stage& stage : plan_.stages()) {
    if (!is_needed(stage, step, new_weights)) continue;
    run_stage(stage, step, team);
    const Clock::time_point now = Clock::now();
    profile_.by_pass[stage.pass] += seconds(last, now);
    last = now;
  }
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
