#include "binding/job_handle.h"

#include <utility>

#include "binding/environment.h"
#include "binding/errors.h"
#include "runtime/error.h"

namespace convforge {
namespace {

// The job's result. Throws if it failed. Must be called on the JavaScript thread.
Napi::Value result_of(Napi::Env env, JobHandle::State& state) {
  if (state.failure) throw to_js_error(env, state.failure);
  if (state.result) return state.result(env);
  throw to_js_error(env, std::make_exception_ptr(Error("INTERNAL", "the result of this job was taken already")));
}

// Settles the promise of a job that has ended, if there is one. Ignores the C API's statuses, since the thread may be
// terminating.
void settle_promise(Napi::Env env, JobHandle::State& state) {
  if (!state.deferred) return;
  const napi_deferred deferred = state.deferred;
  state.deferred = nullptr;
  try {
    napi_resolve_deferred(env, deferred, result_of(env, state));
  } catch (const Napi::Error& error) {
    napi_reject_deferred(env, deferred, error.Value());
  }
}

// Must be called once, on the JavaScript thread.
void settle(Napi::Env env, JobHandle::State& state) {
  state.settled = true;
  settle_promise(env, state);
  if (state.progress) napi_delete_reference(env, state.progress);
  state.environment->job_settled();
}

}  // namespace

Napi::Function JobHandle::define(Napi::Env env) {
  return DefineClass(env, "Job",
                     {InstanceMethod("promise", &JobHandle::promise), InstanceMethod("wait", &JobHandle::wait),
                      InstanceMethod("cancel", &JobHandle::cancel)});
}

JobHandle::JobHandle(const Napi::CallbackInfo& info) : Napi::ObjectWrap<JobHandle>(info) {
  if (info.Length() < 1 || !info[0].IsExternal()) throw Napi::TypeError::New(info.Env(), "jobs are made by programs");
  state_ = *info[0].As<Napi::External<std::shared_ptr<State>>>().Data();
}

std::shared_ptr<JobHandle::State> JobHandle::prepare(Napi::Env env, Napi::Value on_progress) {
  auto state = std::make_shared<State>();
  state->environment = Environment::of(env);
  if (on_progress.IsFunction()) napi_create_reference(env, on_progress, 1, &state->progress);
  return state;
}

void JobHandle::finish(const std::shared_ptr<State>& state, std::exception_ptr failure) {
  {
    const std::lock_guard lock(state->mutex);
    state->failure = failure;
    state->done = true;
    state->changed.notify_all();
  }
  state->environment->post([state](Napi::Env env) { settle(env, *state); });
}

Napi::Value JobHandle::start(Napi::Env env, const std::shared_ptr<State>& state) {
  auto* shared = new std::shared_ptr<State>(state);
  const auto external = Napi::External<std::shared_ptr<State>>::New(
      env, shared, [](Napi::Env, std::shared_ptr<State>* data) { delete data; });
  auto* constructor = Environment::of(env)->job_constructor();
  Napi::Object handle = constructor->New({external});
  try {
    Scheduler::instance().submit(state->job);
  } catch (...) {
    state->job.reset();  // breaks a cycle: the job owns the state through its `finished`
    throw;
  }
  state->environment->job_started();
  return handle;
}

// promise(): may be called once.
Napi::Value JobHandle::promise(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    if (state_->deferred) throw Error("INVALID_ARGUMENT", "a job's promise may be requested only once");
    napi_value promise = nullptr;
    if (napi_create_promise(info.Env(), &state_->deferred, &promise) != napi_ok) throw Napi::Error::New(info.Env());
    if (state_->settled) settle_promise(info.Env(), *state_);
    return Napi::Value(info.Env(), promise);
  });
}

Napi::Value JobHandle::wait(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    {
      std::unique_lock lock(state_->mutex);
      state_->changed.wait(lock, [&] { return state_->done; });
    }
    const Napi::Value value = result_of(info.Env(), *state_);
    state_->result = nullptr;
    state_->job.reset();
    if (state_->deferred) napi_resolve_deferred(info.Env(), state_->deferred, value);
    state_->deferred = nullptr;
    return value;
  });
}

Napi::Value JobHandle::cancel(const Napi::CallbackInfo& info) {
  if (state_->job) state_->job->cancel("ABORTED");
  return info.Env().Undefined();
}

}  // namespace convforge
