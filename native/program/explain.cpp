// Program::explain and Program::measure.
#include "program/program.h"
#include "runtime/error.h"

namespace convforge {
namespace {

constexpr int kDefaultCapacity = 32;

}  // namespace

void Program::measure(bool on) {
  uint64_t now = measuring_.load();
  // The next number that is odd or even.
  while (!measuring_.compare_exchange_weak(now, now + ((now % 2 == 1) == on ? 2 : 1))) {
  }
}

// Only one of the ways to train has an executor.
Program::Mode Program::last_ran(Mode mode) const {
  if (mode != Mode::kTrain) return mode;
  for (const Mode way : kTrainingModes) {
    if (running_capacities_[static_cast<size_t>(way)] > 0) return way;
  }
  return mode;
}

bool Program::has_run(Mode mode, int capacity) const {
  const std::lock_guard lock(plans_mutex_);
  const int last = running_capacities_[static_cast<size_t>(last_ran(mode))];
  return last > 0 && (capacity == 0 || capacity == last);
}

void Program::check_explains(Mode mode) const {
  if (mode == Mode::kTrain || mode == Mode::kRematerialize) state_->optimizer();
  if (mode == Mode::kEvaluate && !state_->trains())
    throw Error("NOT_COMPILED", "this model has no loss yet; call compile first");
}

Program::Explanation Program::describe(const Plan& plan) const {
  Explanation e;
  e.capacity = plan.capacity();
  e.passes = plan.passes();
  e.arena_bytes = plan.arena_bytes();
  e.scratch_bytes = plan.scratch_floats() * sizeof(float);
  e.weight_bytes = state_->weight_bytes();
  e.gradient_bytes = state_->gradient_bytes();
  if (state_->trains()) e.optimizer_bytes = state_->optimizer().slot_names().size() * state_->weight_bytes();
  return e;
}

Program::Explanation Program::explain(Mode mode, int capacity) const {
  check_explains(mode);
  if (!has_run(mode, capacity)) return explain_new(mode, capacity);
  const Running& last = running_[static_cast<size_t>(last_ran(mode))];
  Explanation e = describe(last.executor->plan());
  if (last.measuring == measuring_.load()) e.profile = last.executor->profile();
  return e;
}

Program::Explanation Program::explain_new(Mode mode, int capacity) const {
  check_explains(mode);
  return describe(make_plan(capacity == 0 ? kDefaultCapacity : capacity, mode).plan);
}

}  // namespace convforge
