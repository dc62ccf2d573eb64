// Arrays of JavaScript's that the core reads or writes.
#pragma once

#include <napi.h>

#include <string>
#include <vector>

#include "binding/job_handle.h"
#include "program/jobs.h"

namespace convforge {

struct FloatArray {
  Napi::Value value;
  float* data = nullptr;
  size_t length = 0;
};
using FloatArrays = std::vector<FloatArray>;

// All of these throw Error if a value doesn't fit.

// The elements of an array. This may run JavaScript, which may detach arrays. So all of a call's arguments are listed
// before locate() takes addresses.
FloatArrays list_arrays(const Napi::Value& value, const std::string& what);
// The elements of an array with one element for each slot of the optimizer. May run JavaScript, too.
std::vector<Napi::Value> list_slots(const Napi::Value& value, State& state);
// Takes the addresses of Float32Arrays, which are valid until JavaScript runs again.
FloatArrays locate(FloatArrays arrays, const std::string& what);
// Both for one argument.
FloatArrays to_float_arrays(const Napi::Value& value, const std::string& what);
std::vector<size_t> lengths_of(const FloatArrays& arrays);

// The places below are addresses in arrays that were listed. With a keeper, they stay valid until its job has ended.

// Places for the values of each of the state's parameters.
Places parameter_places(FloatArrays listed, const State& state, JobHandle::State* keeper);
// The same of a call's arguments (weights | null, slots | null). slots has an array of weights per slot.
StateArrays state_places(const Napi::CallbackInfo& info, State& state, JobHandle::State* keeper);
// Places for `samples` times each size.
Places sample_places(FloatArrays listed, const std::vector<size_t>& sizes, size_t samples, JobHandle::State* keeper);

// A copy of one array per parameter.
StagedValues::Sets copy_parameters(const FloatArrays& arrays);

}  // namespace convforge
