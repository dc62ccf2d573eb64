// Converts JavaScript values to C++ ones. All functions throw Error or Napi::Error if a value doesn't fit: the caller
// is our own TypeScript, but it isn't trusted.
#pragma once

#include <napi.h>

#include <optional>
#include <string>
#include <vector>

#include "plan/description.h"
#include "plan/plan.h"
#include "program/shards.h"

namespace convforge {

double to_number(const Napi::Value& value, const std::string& what);
// An integer in [0, 2^53).
uint64_t to_whole(const Napi::Value& value, const char* what);
Shape to_shape(const Napi::Value& value, const char* what);
// Nodes of a program, in an array.
std::vector<NodeDescription> to_nodes(const Napi::Value& value);
// The description of a program, with these nodes instead of its own, if they are given.
ProgramDescription to_description(const Napi::Value& value, std::optional<std::vector<NodeDescription>> nodes);
// Totals as results.h gives them.
Totals to_totals(const Napi::Value& value);
// The elements of a Float32Array.
const float* to_floats(const Napi::Value& value, size_t* length, const char* what);

// The number of shards of a training (undefined: 1), and the collective that an addon over MPI has made (undefined:
// none). Throws Error INVALID_ARGUMENT, or UNSUPPORTED for an addon of another version.
Shards to_shards(const Napi::Value& count, const Napi::Value& collective);

}  // namespace convforge
