#pragma once

#include <napi.h>

#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "binding/environment.h"
#include "runtime/scheduler.h"

namespace convforge {

// A job's handle in JavaScript: {promise(), wait(), cancel()}. The promise is made on demand. wait() releases the
// result to the caller, so a loop that only waits, and never returns to the event loop, keeps no results alive.
class JobHandle : public Napi::ObjectWrap<JobHandle> {
 public:
  // Shared by the compute thread and the JavaScript thread.
  struct State {
    Environment* environment = nullptr;
    std::shared_ptr<Job> job;
    std::function<Napi::Value(Napi::Env)> result;
    napi_deferred deferred = nullptr;  // null before promise() is called and after it is settled
    bool settled = false;              // whether the JavaScript thread knows that the job has ended
    napi_ref progress = nullptr;       // the progress callback, or null
    std::vector<napi_value> results;   // arrays of JavaScript's that the job writes into; start() keeps them alive
    std::vector<napi_ref> kept;        // references to them
    std::unique_ptr<Environment::Work> settlement;

    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
    std::exception_ptr failure;
  };

  static Napi::Function define(Napi::Env env);
  explicit JobHandle(const Napi::CallbackInfo& info);

  // Makes the state of a new job. The job must call finish() when it ends.
  static std::shared_ptr<State> prepare(Napi::Env env, Napi::Value on_progress);
  static void finish(const std::shared_ptr<State>& state, std::exception_ptr failure) noexcept;
  // Submits state->job and returns the handle.
  static Napi::Value start(Napi::Env env, const std::shared_ptr<State>& state);

 private:
  Napi::Value promise(const Napi::CallbackInfo& info);
  Napi::Value wait(const Napi::CallbackInfo& info);
  Napi::Value cancel(const Napi::CallbackInfo& info);

  std::shared_ptr<State> state_;
};

}  // namespace convforge
