#pragma once

#include <napi.h>

#include <exception>

#include "runtime/error.h"

namespace convforge {

// A JavaScript error with the `code` and `layer` of the failure.
Napi::Error to_js_error(Napi::Env env, std::exception_ptr failure);

// Runs `body` and converts C++ exceptions to JavaScript ones.
template <typename Body>
auto guarded(Napi::Env env, Body&& body) {
  try {
    return body();
  } catch (const Napi::Error&) {
    throw;
  } catch (...) {
    throw to_js_error(env, std::current_exception());
  }
}

}  // namespace convforge
