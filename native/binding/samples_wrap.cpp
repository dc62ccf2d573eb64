#include "binding/samples_wrap.h"

#include <map>
#include <string>

#include "binding/convert.h"
#include "binding/environment.h"
#include "binding/errors.h"
#include "binding/start_job.h"

namespace convforge {
namespace {

const napi_type_tag kSamplesTag = {0x6d1a1f0c52f84b31, 0x9c0be4f1a7732d55};

}  // namespace

Napi::Function SamplesWrap::define(Napi::Env env) {
  return DefineClass(env, "Samples",
                     {InstanceMethod("write", &SamplesWrap::write), InstanceMethod("dispose", &SamplesWrap::dispose)});
}

SamplesWrap::SamplesWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<SamplesWrap>(info) {
  guarded(info.Env(), [&] {
    static const std::map<std::string, Samples::Type> kTypes = {
        {"uint8", Samples::Type::kUint8}, {"int32", Samples::Type::kInt32}, {"float32", Samples::Type::kFloat32}};
    const Shape shape = to_shape(info[0], "shape");
    const auto type = kTypes.find(info[1].ToString().Utf8Value());
    if (type == kTypes.end()) throw Error("INVALID_ARGUMENT", "samples must be uint8, int32 or float32");
    samples_ = std::make_shared<Samples>(shape, type->second);
    info.This().As<Napi::Object>().TypeTag(&kSamplesTag);
    Napi::MemoryManagement::AdjustExternalMemory(
        info.Env(), static_cast<int64_t>(samples_->elements() * samples_->element_bytes()));
  });
}

std::shared_ptr<Samples> SamplesWrap::from(const Napi::Value& value) {
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&kSamplesTag))
    throw Error("INVALID_ARGUMENT", "this is not a Samples object");
  const auto& samples = Unwrap(value.As<Napi::Object>())->samples_;
  if (!samples) throw Error("DISPOSED", "these samples were disposed of");
  samples->seal();
  return samples;
}

Napi::Value SamplesWrap::write(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    if (!samples_) throw Error("DISPOSED", "these samples were disposed of");
    static const napi_typedarray_type kArrays[] = {napi_uint8_array, napi_int32_array, napi_float32_array};
    if (!info[0].IsTypedArray() ||
        info[0].As<Napi::TypedArray>().TypedArrayType() != kArrays[static_cast<int>(samples_->type())]) {
      throw Error("INVALID_ARGUMENT", std::string("these samples take ") + samples_->type_name() + " values");
    }
    const auto array = info[0].As<Napi::TypedArray>();
    const uint64_t offset = to_whole(info[1], "offset");
    const size_t count = array.ElementLength();
    if (offset > samples_->elements() || count > samples_->elements() - offset) {
      throw Error("INVALID_ARGUMENT", std::to_string(count) + " values from element " + std::to_string(offset) +
                                          " on end past the samples' " + std::to_string(samples_->elements()));
    }
    void* data = nullptr;
    napi_get_typedarray_info(info.Env(), array, nullptr, nullptr, &data, nullptr, nullptr);
    if (samples_->is_sealed()) throw Error("INVALID_ARGUMENT", "a job uses these samples; they can't change any more");
    samples_->write(data, offset, count);
    return info.Env().Undefined();
  });
}

void SamplesWrap::release(Napi::Env env) {
  if (!samples_) return;
  const size_t bytes = samples_->elements() * samples_->element_bytes();
  Napi::MemoryManagement::AdjustExternalMemory(env, -static_cast<int64_t>(bytes));
  discard(env, std::move(samples_), bytes);
}

void SamplesWrap::Finalize(Napi::Env env) { release(env); }

Napi::Value SamplesWrap::dispose(const Napi::CallbackInfo& info) {
  release(info.Env());
  return info.Env().Undefined();
}

}  // namespace convforge
