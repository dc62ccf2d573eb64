#pragma once

#include <exception>
#include <memory>
#include <utility>

#include "binding/environment.h"
#include "binding/job_handle.h"
#include "program/jobs.h"
#include "runtime/scheduler.h"

namespace convforge {

// Makes a job from the arguments, starts it and returns its handle. `result` converts a finished job to its JavaScript
// result.
template <typename JobType, typename Result, typename... Arguments>
Napi::Value start_job(Napi::Env env, const std::shared_ptr<JobHandle::State>& state, Result result,
                      Arguments&&... arguments) {
  auto job = std::make_shared<JobType>(state->environment->owner(), std::forward<Arguments>(arguments)...,
                                       [state](std::exception_ptr failure) { JobHandle::finish(state, failure); });
  state->job = job;
  // The state keeps the job alive.
  state->result = [job = job.get(), result](Napi::Env env) -> Napi::Value { return result(env, *job); };
  return JobHandle::start(env, state);
}

// Lets go of memory of `bytes` bytes: on the compute thread, if it is much.
inline void discard(Napi::Env env, std::shared_ptr<void> garbage, size_t bytes) {
  constexpr size_t kMuch = 8 << 20;
  if (bytes < kMuch) return;
  try {
    Scheduler::instance().submit(std::make_shared<DiscardJob>(Environment::of(env)->owner(), garbage));
  } catch (const std::exception&) {
    // Then here.
  }
}

}  // namespace convforge
