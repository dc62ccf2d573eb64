#pragma once

#include <memory>
#include <utility>

#include "binding/environment.h"
#include "binding/job_handle.h"

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

}  // namespace convforge
