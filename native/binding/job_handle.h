#pragma once

#include <napi.h>

#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>

#include "runtime/scheduler.h"

namespace convforge {

class Environment;

// A job as JavaScript holds it: {promise(), wait(), cancel()}. The promise is made when it is asked for, and wait()
// gives the result out for good: a loop that only waits, and never leaves the thread, keeps no results alive.
class JobHandle : public Napi::ObjectWrap<JobHandle> {
 public:
  // What the compute thread and the JavaScript thread share.
  struct State {
    Environment* environment = nullptr;
    std::shared_ptr<Job> job;
    std::function<Napi::Value(Napi::Env)> result;
    napi_deferred deferred = nullptr;  // null while nobody has asked for the promise, and once it is settled
    bool settled = false;              // whether the JavaScript thread has been told of the end
    napi_ref progress = nullptr;       // the callback

    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
    std::exception_ptr failure;
  };

  static Napi::Function define(Napi::Env env);
  explicit JobHandle(const Napi::CallbackInfo& info);

  // A state for a new job; give its finish() to the job.
  static std::shared_ptr<State> prepare(Napi::Env env, Napi::Value on_progress);
  static void finish(const std::shared_ptr<State>& state, std::exception_ptr failure);
  // Submits state->job and returns the handle.
  static Napi::Value start(Napi::Env env, const std::shared_ptr<State>& state);

 private:
  Napi::Value promise(const Napi::CallbackInfo& info);
  Napi::Value wait(const Napi::CallbackInfo& info);
  Napi::Value cancel(const Napi::CallbackInfo& info);

  std::shared_ptr<State> state_;
};

}  // namespace convforge
