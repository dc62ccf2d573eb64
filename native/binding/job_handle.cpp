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
  } catch (...) {
    napi_reject_deferred(env, deferred, out_of_memory(env));
  }
}

void keep_arrays(Napi::Env env, JobHandle::State& state) {
  state.kept.reserve(state.results.size());
  for (const napi_value array : state.results) {
    napi_ref reference = nullptr;
    if (napi_create_reference(env, array, 1, &reference) != napi_ok) throw Napi::Error::New(env);
    state.kept.push_back(reference);
  }
  state.results.clear();
}

void release_arrays(napi_env env, JobHandle::State& state) {
  for (const napi_ref array : state.kept) napi_delete_reference(env, array);
  state.kept.clear();
}

// Must be called once, on the JavaScript thread.
void settle(Napi::Env env, JobHandle::State& state) {
  state.settled = true;
  settle_promise(env, state);
  if (state.progress) napi_delete_reference(env, state.progress);
  release_arrays(env, state);
  state.environment->job_settled();
}

// Holds the state only once the job has ended.
struct Settlement : Environment::Work {
  void run(Napi::Env env) override { settle(env, *state); }
  std::shared_ptr<JobHandle::State> state;
};

// The state of the job whose handle is being made on this thread.
thread_local const std::shared_ptr<JobHandle::State>* new_job = nullptr;

}  // namespace

Napi::Function JobHandle::define(Napi::Env env) {
  return DefineClass(env, "Job",
                     {InstanceMethod("promise", &JobHandle::promise), InstanceMethod("wait", &JobHandle::wait),
                      InstanceMethod("cancel", &JobHandle::cancel)});
}

JobHandle::JobHandle(const Napi::CallbackInfo& info) : Napi::ObjectWrap<JobHandle>(info) {
  if (!new_job) throw Napi::TypeError::New(info.Env(), "jobs are made by programs");
  state_ = *new_job;
}

std::shared_ptr<JobHandle::State> JobHandle::prepare(Napi::Env env, Napi::Value on_progress) {
  auto state = std::make_shared<State>();
  state->environment = Environment::of(env);
  state->settlement = std::make_unique<Settlement>();
  if (on_progress.IsFunction()) napi_create_reference(env, on_progress, 1, &state->progress);
  return state;
}

void JobHandle::finish(const std::shared_ptr<State>& state, std::exception_ptr failure) noexcept {
  {
    const std::lock_guard lock(state->mutex);
    state->failure = failure;
    state->done = true;
    state->changed.notify_all();
  }
  static_cast<Settlement&>(*state->settlement).state = state;
  state->environment->post(std::move(state->settlement));
}

Napi::Value JobHandle::start(Napi::Env env, const std::shared_ptr<State>& state) {
  try {
    new_job = &state;
    Napi::Object handle = Environment::of(env)->job_constructor()->New({});
    new_job = nullptr;
    keep_arrays(env, *state);
    Scheduler::instance().submit(state->job);
    state->environment->job_started();
    return handle;
  } catch (...) {
    new_job = nullptr;
    state->job.reset();  // breaks a cycle: the job owns the state through its `finished`
    release_arrays(env, *state);
    throw;
  }
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
    release_arrays(info.Env(), *state_);
    return value;
  });
}

Napi::Value JobHandle::cancel(const Napi::CallbackInfo& info) {
  if (state_->job) Scheduler::instance().cancel(state_->job, "ABORTED");
  return info.Env().Undefined();
}

}  // namespace convforge
