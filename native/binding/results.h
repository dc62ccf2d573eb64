// Converts C++ values to the JavaScript ones that lib/program/native-engine.ts takes.
#pragma once

#include <napi.h>

#include "plan/plan.h"
#include "program/program.h"

namespace convforge {

Napi::Object to_js(Napi::Env env, const Totals& totals);
Napi::Object to_js(Napi::Env env, const Program::Explanation& explanation);

}  // namespace convforge
