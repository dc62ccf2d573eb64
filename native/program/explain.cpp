// Program::explain and Program::measure.
#include "program/program.h"
#include "runtime/error.h"

namespace convforge {
namespace {

constexpr int kDefaultCapacity = 32;

}  // namespace

void Program::measure(bool on) {
  measures_ = on;
  for (Running& running : running_) {
    if (running.executor) running.executor->measure(on);
  }
}

Program::Explanation Program::explain(Mode mode, int capacity) {
  if (mode == Mode::kTrain || mode == Mode::kRematerialize) state_->optimizer();
  if (mode == Mode::kEvaluate && !state_->trains())
    throw Error("NOT_COMPILED", "this model has no loss yet; call compile first");
  const auto describe = [this](const Plan& plan) {
    Explanation e;
    e.capacity = plan.capacity();
    e.passes = plan.passes();
    e.arena_bytes = plan.arena_bytes();
    e.scratch_bytes = plan.scratch_floats() * sizeof(float);
    e.weight_bytes = state_->weight_bytes();
    e.gradient_bytes = state_->gradient_bytes();
    if (state_->trains()) e.optimizer_bytes = state_->optimizer().slot_names().size() * state_->weight_bytes();
    return e;
  };
  {
    const std::lock_guard lock(state_->mutex);
    const Running& again = running_[static_cast<int>(Mode::kRematerialize)];
    const Running& asked = running_[static_cast<int>(mode)];
    // Only one of the two ways to train has an executor.
    const std::unique_ptr<Executor>& last = (mode == Mode::kTrain && again.executor ? again : asked).executor;
    if (last && (capacity == 0 || capacity == last->capacity())) {
      Explanation e = describe(last->plan());
      e.profile = last->profile();
      return e;
    }
  }
  // Without the mutex, so that runs go on meanwhile.
  return describe(make_plan(capacity == 0 ? kDefaultCapacity : capacity, mode).plan);
}

}  // namespace convforge
