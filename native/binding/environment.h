#pragma once

#include <napi.h>

#include <memory>

namespace convforge {

// The state of one JavaScript thread that has loaded the addon, and the compute thread's way back to it. When the
// thread ends, it first cancels its jobs and waits for them, which takes at most one stage of a step.
class Environment {
 public:
  static Environment* install(Napi::Env env);
  static Environment* of(Napi::Env env) { return env.GetInstanceData<Environment>(); }

  // Work for the JavaScript thread. It is made before there is a result to tell, so that telling takes no memory.
  struct Work {
    virtual ~Work() = default;
    // Exceptions are ignored: JavaScript can't run on this thread any more.
    virtual void run(Napi::Env env) = 0;
  };
  // Queues `work`. May be called from any thread while a job of this environment runs. `work` is dropped if the thread
  // ends first.
  void post(std::unique_ptr<Work> work) noexcept;

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
