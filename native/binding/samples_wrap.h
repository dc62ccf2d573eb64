#pragma once

#include <napi.h>

#include <memory>

#include "plan/samples.h"

namespace convforge {

// new Samples(shape, dtype): {write(values, offset), dispose()}.
class SamplesWrap : public Napi::ObjectWrap<SamplesWrap> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit SamplesWrap(const Napi::CallbackInfo& info);
  void Finalize(Napi::Env env) override;

  // The samples, for a job: from now on they can't change. Throws Error DISPOSED, or INVALID_ARGUMENT if `value` isn't
  // a Samples object.
  static std::shared_ptr<Samples> from(const Napi::Value& value);

 private:
  Napi::Value write(const Napi::CallbackInfo& info);
  Napi::Value dispose(const Napi::CallbackInfo& info);
  void release(Napi::Env env);

  std::shared_ptr<Samples> samples_;
};

}  // namespace convforge
