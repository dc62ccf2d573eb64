#include "binding/module.h"

#include <string>

#include "binding/convert.h"
#include "binding/environment.h"
#include "binding/errors.h"
#include "binding/job_handle.h"
#include "binding/measure.h"
#include "binding/nodes_wrap.h"
#include "binding/program_wrap.h"
#include "binding/samples_wrap.h"
#include "runtime/memory.h"
#include "runtime/parallel.h"
#include "runtime/scheduler.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

std::string compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#elif defined(__GNUC__)
  return "gcc " __VERSION__;
#else
  return "unknown";
#endif
}

// info(): how the addon was built and which kernels it uses.
Napi::Value info(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  return guarded(env, [&]() -> Napi::Value {
    const Dispatch& chosen = dispatch();
    Napi::Object object = Napi::Object::New(env);
    object.Set("isa", chosen.kernels->name);
    object.Set("isaReason", chosen.reason);
    Napi::Array supported = Napi::Array::New(env, chosen.supported.size());
    for (size_t i = 0; i < chosen.supported.size(); ++i) supported.Set(static_cast<uint32_t>(i), chosen.supported[i]);
    object.Set("supported", supported);
    object.Set("threads", Scheduler::instance().threads());
    object.Set("memoryBudget", static_cast<double>(MemoryBudget::bytes()));
    object.Set("memoryUsed", static_cast<double>(MemoryBudget::used()));
    object.Set("parallel", parallel_runtime());
    object.Set("compiler", compiler());
    object.Set("napi", NAPI_VERSION);
    return object;
  });
}

Napi::Value set_threads(const Napi::CallbackInfo& call) {
  return guarded(call.Env(), [&]() -> Napi::Value {
    constexpr uint64_t kMaxThreads = 1024;
    const uint64_t threads = to_whole(call[0], "threads");
    if (threads < 1 || threads > kMaxThreads)
      throw Error("INVALID_ARGUMENT", "the number of threads must be in [1, 1024]");
    Scheduler::instance().set_threads(static_cast<int>(threads));
    return call.Env().Undefined();
  });
}

// setMemoryBudget(bytes): what the addon may take, in all threads of the process.
Napi::Value set_memory_budget(const Napi::CallbackInfo& call) {
  return guarded(call.Env(), [&]() -> Napi::Value {
    MemoryBudget::set(to_whole(call[0], "memory budget"));
    return call.Env().Undefined();
  });
}

}  // namespace

Napi::Object init_module(Napi::Env env, Napi::Object exports) {
  Environment* environment = Environment::install(env);
  *environment->job_constructor() = Napi::Persistent(JobHandle::define(env));
  exports.Set("Nodes", NodesWrap::define(env));
  exports.Set("Program", ProgramWrap::define(env));
  exports.Set("Samples", SamplesWrap::define(env));
  exports.Set("info", Napi::Function::New(env, info, "info"));
  exports.Set("setThreads", Napi::Function::New(env, set_threads, "setThreads"));
  exports.Set("setMemoryBudget", Napi::Function::New(env, set_memory_budget, "setMemoryBudget"));
  exports.Set("measurePeak", Napi::Function::New(env, measure_peak, "measurePeak"));
  exports.Set("measureCopy", Napi::Function::New(env, measure_copy, "measureCopy"));
  return exports;
}

}  // namespace convforge
