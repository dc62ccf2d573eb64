#pragma once

#include <napi.h>

#include <exception>

#include "runtime/error.h"

namespace convforge {

// A JavaScript error with the `code` and `layer` of the failure.
Napi::Error to_js_error(Napi::Env env, std::exception_ptr failure);

// A JavaScript error OUT_OF_MEMORY, or undefined. Takes no memory but JavaScript's.
napi_value out_of_memory(napi_env env) noexcept;

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
