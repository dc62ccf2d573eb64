#include "binding/measure.h"

#include "binding/convert.h"
#include "binding/errors.h"
#include "binding/start_job.h"
#include "program/measure.h"

namespace convforge {
namespace {

template <typename JobType>
Napi::Value measure(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const size_t threads = to_whole(info[0], "threads");
    const size_t runs = to_whole(info[1], "runs");
    const auto rates = [](Napi::Env env, const JobType& job) -> Napi::Value {
      Napi::Array array = Napi::Array::New(env, job.rates().size());
      for (size_t i = 0; i < job.rates().size(); ++i) array.Set(static_cast<uint32_t>(i), job.rates()[i]);
      return array;
    };
    const auto state = JobHandle::prepare(info.Env(), info.Env().Undefined());
    return start_job<JobType>(info.Env(), state, rates, threads, runs);
  });
}

}  // namespace

Napi::Value measure_peak(const Napi::CallbackInfo& info) { return measure<MeasurePeakJob>(info); }

Napi::Value measure_copy(const Napi::CallbackInfo& info) { return measure<MeasureCopyJob>(info); }

}  // namespace convforge
