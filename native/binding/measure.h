#pragma once

#include <napi.h>

namespace convforge {

// measurePeak(threads, runs): a job that gives the GFLOP/s of each run; the most that fused multiply-adds can do.
Napi::Value measure_peak(const Napi::CallbackInfo& info);
// measureCopy(threads, runs): a job that gives the GB/s of each run of memcpy, bytes read and written both counted.
Napi::Value measure_copy(const Napi::CallbackInfo& info);

}  // namespace convforge
