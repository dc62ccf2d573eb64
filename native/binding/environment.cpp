#include "binding/environment.h"

#include "runtime/scheduler.h"

namespace convforge {
namespace {

// Uses the C API, since Node may call this while the thread is being terminated. Then any call can fail, and an
// exception would end the process.
void run_work(napi_env env, napi_value, void*, void* data) {
  const std::unique_ptr<Environment::Work> work(static_cast<Environment::Work*>(data));
  if (!env) return;
  try {
    work->run(Napi::Env(env));
  } catch (...) {
    // JavaScript can't run on this thread any more.
  }
}

}  // namespace

Environment* Environment::install(Napi::Env env) {
  auto* environment = new Environment(env);
  env.SetInstanceData(environment);
  // Hooks run in reverse order. This one is added after the thread-safe function's own hook, so it runs while that
  // function still works.
  napi_add_env_cleanup_hook(
      env, [](void* data) { Scheduler::instance().cancel_and_wait(static_cast<Environment*>(data)->owner()); },
      environment);
  return environment;
}

Environment::Environment(Napi::Env env) : env_(env) {
  const napi_status status = napi_create_threadsafe_function(env, nullptr, nullptr, Napi::String::New(env, "convforge"),
                                                             0, 1, nullptr, nullptr, nullptr, run_work, &to_js_);
  if (status != napi_ok) throw Napi::Error::New(env, "convforge can't reach this thread's event loop");
  napi_unref_threadsafe_function(env, to_js_);
}

void Environment::post(std::unique_ptr<Work> work) noexcept {
  if (napi_call_threadsafe_function(to_js_, work.get(), napi_tsfn_nonblocking) == napi_ok) work.release();
}

void Environment::job_started() {
  if (pending_++ == 0) napi_ref_threadsafe_function(env_, to_js_);
}

void Environment::job_settled() {
  if (--pending_ == 0) napi_unref_threadsafe_function(env_, to_js_);
}

}  // namespace convforge
