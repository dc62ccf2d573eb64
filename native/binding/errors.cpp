#include "binding/errors.h"

#include <new>

namespace convforge {

napi_value out_of_memory(napi_env env) noexcept {
  napi_value code = nullptr;
  napi_value message = nullptr;
  napi_value error = nullptr;
  if (napi_create_string_utf8(env, "OUT_OF_MEMORY", NAPI_AUTO_LENGTH, &code) != napi_ok ||
      napi_create_string_utf8(env, "no memory left; try a smaller batch or model", NAPI_AUTO_LENGTH, &message) !=
          napi_ok ||
      napi_create_error(env, code, message, &error) != napi_ok) {
    napi_get_undefined(env, &error);
  }
  return error;
}

Napi::Error to_js_error(Napi::Env env, std::exception_ptr failure) {
  const auto make = [env](const std::string& code, const std::string& message, const std::string& layer) {
    Napi::Error error = Napi::Error::New(env, message);
    error.Set("code", Napi::String::New(env, code));
    if (!layer.empty()) error.Set("layer", Napi::String::New(env, layer));
    return error;
  };
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return make(error.code(), error.what(), error.layer());
  } catch (const std::bad_alloc&) {
    return make("OUT_OF_MEMORY", "no memory left; try a smaller batch or model", "");
  } catch (const std::exception& error) {
    return make("INTERNAL", error.what(), "");
  } catch (...) {
    return make("INTERNAL", "an unknown failure in the native core", "");
  }
}

}  // namespace convforge
