// Converts C++ values to the JavaScript ones that lib/program/native-engine.ts takes.
#pragma once

#include <napi.h>

#include "program/jobs.h"
#include "program/program.h"

namespace convforge {

Napi::Object to_js(Napi::Env env, const Totals& totals);
Napi::Array to_js(Napi::Env env, const State::Arrays& arrays);
Napi::Object to_js(Napi::Env env, const Snapshot& snapshot);
Napi::Object to_js(Napi::Env env, const Program::Explanation& explanation);

}  // namespace convforge
