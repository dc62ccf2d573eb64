#pragma once

#include <napi.h>

namespace convforge {

// measurePeak(threads, runs): a job whose result is the GFLOP/s of each run of fused multiply-adds on registers, the
// peak.
Napi::Value measure_peak(const Napi::CallbackInfo& info);
// measureCopy(threads, runs): a job whose result is the GB/s of each run of memcpy, with bytes read and bytes written
// both counted.
Napi::Value measure_copy(const Napi::CallbackInfo& info);

}  // namespace convforge
