#pragma once

#include <napi.h>

#include <functional>

namespace convforge {

// The state of one JavaScript thread that has loaded the addon, and the compute thread's way back to it. When the
// thread ends, it first cancels its jobs and waits for them, which takes at most one step.
class Environment {
 public:
  static Environment* install(Napi::Env env);
  static Environment* of(Napi::Env env) { return env.GetInstanceData<Environment>(); }

  // Queues `work` for the JavaScript thread. May be called from any thread while a job of this environment runs. `work`
  // is dropped if the thread ends first. `work` must not throw.
  void post(std::function<void(Napi::Env)> work);

  // Keep the process alive while jobs are pending. Must be called on the JavaScript thread.
  void job_started();
  void job_settled();

  // The class of job handles in this environment.
  Napi::FunctionReference* job_constructor() { return &job_constructor_; }

  // The owner of this environment's jobs.
  const void* owner() const { return this; }

 private:
  explicit Environment(Napi::Env env);

  Napi::Env env_;
  napi_threadsafe_function to_js_ = nullptr;
  Napi::FunctionReference job_constructor_;
  int pending_ = 0;
};

}  // namespace convforge
