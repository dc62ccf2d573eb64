#include "binding/job_handle.h"

#include <utility>

#include "binding/environment.h"
#include "binding/errors.h"

namespace convforge {
namespace {

// On the JavaScript thread: settles the promise. The C API's statuses are let go, since the thread may be on its way
// out.
void settle(Napi::Env env, JobHandle::State& state) {
  napi_value value = nullptr;
  bool rejected = state.failure != nullptr;
  if (!rejected) {
    try {
      value = state.result(env);
    } catch (const Napi::Error& error) {
      value = error.Value();
      rejected = true;
    }
  } else {
    value = to_js_error(env, state.failure).Value();
  }
  if (rejected) {
    napi_reject_deferred(env, state.deferred, value);
  } else {
    napi_resolve_deferred(env, state.deferred, value);
  }
  if (state.progress) napi_delete_reference(env, state.progress);
  state.environment->job_settled();
}

}  // namespace

Napi::Function JobHandle::define(Napi::Env env) {
  return DefineClass(env, "Job",
                     {InstanceMethod("wait", &JobHandle::wait), InstanceMethod("cancel", &JobHandle::cancel)});
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
  napi_value promise = nullptr;
  if (napi_create_promise(env, &state->deferred, &promise) != napi_ok) throw Napi::Error::New(env);
  auto* shared = new std::shared_ptr<State>(state);
  const auto external = Napi::External<std::shared_ptr<State>>::New(
      env, shared, [](Napi::Env, std::shared_ptr<State>* data) { delete data; });
  auto* constructor = Environment::of(env)->job_constructor();
  Napi::Object handle = constructor->New({external});
  handle.Set("promise", Napi::Value(env, promise));
  try {
    Scheduler::instance().submit(state->job);
  } catch (...) {
    state->job.reset();  // which owns the state through its finish
    throw;
  }
  state->environment->job_started();
  return handle;
}

Napi::Value JobHandle::wait(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    std::unique_lock lock(state_->mutex);
    state_->changed.wait(lock, [&] { return state_->done; });
    if (state_->failure) std::rethrow_exception(state_->failure);
    return state_->result(info.Env());
  });
}

Napi::Value JobHandle::cancel(const Napi::CallbackInfo& info) {
  state_->job->cancel("ABORTED");
  return info.Env().Undefined();
}

}  // namespace convforge
