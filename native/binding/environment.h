#pragma once

#include <napi.h>

#include <functional>

namespace convforge {

// What belongs to one JavaScript thread that has loaded the addon: the way back to it from the compute thread. When the
// thread ends, its jobs are cancelled first, and waited for: one step at most.
class Environment {
 public:
  static Environment* install(Napi::Env env);
  static Environment* of(Napi::Env env) { return env.GetInstanceData<Environment>(); }

  // Runs `work` on the JavaScript thread, soon. From any thread, while a job of this environment runs; `work` is
  // dropped if the thread ends first. It must not let exceptions out.
  void post(std::function<void(Napi::Env)> work);

  // The process stays up while jobs are pending. On the JavaScript thread.
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
