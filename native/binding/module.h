#pragma once

#include <napi.h>

namespace convforge {

Napi::Object init_module(Napi::Env env, Napi::Object exports);

}  // namespace convforge
