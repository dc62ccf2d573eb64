#include "binding/results.h"

#include <algorithm>
#include <string>
#include <vector>

namespace convforge {
namespace {

Napi::Array to_js(Napi::Env env, const std::vector<double>& values) {
  Napi::Array array = Napi::Array::New(env, values.size());
  for (size_t i = 0; i < values.size(); ++i) array.Set(static_cast<uint32_t>(i), values[i]);
  return array;
}

Napi::Object to_js(Napi::Env env, const Pass& pass) {
  Napi::Array declined = Napi::Array::New(env, pass.declined.size());
  for (size_t i = 0; i < pass.declined.size(); ++i) {
    Napi::Object entry = Napi::Object::New(env);
    entry.Set("algorithm", pass.declined[i].algorithm);
    entry.Set("reason", pass.declined[i].reason);
    declined.Set(static_cast<uint32_t>(i), entry);
  }
  Napi::Object object = Napi::Object::New(env);
  object.Set("node", pass.node);
  object.Set("kind", pass.kind);
  object.Set("algorithm", pass.algorithm);
  object.Set("declined", declined);
  object.Set("fused", pass.fused);
  object.Set("flops", pass.flops);
  object.Set("bytes", pass.bytes);
  object.Set("stepBytes", pass.step_bytes);
  object.Set("workspace", static_cast<double>(pass.workspace));
  object.Set("scratch", static_cast<double>(pass.scratch));
  return object;
}

}  // namespace

Napi::Object to_js(Napi::Env env, const Totals& totals) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("samples", totals.samples);
  object.Set("batches", totals.batches);
  if (totals.first_non_finite >= 0) object.Set("firstNonFinite", totals.first_non_finite);
  object.Set("loss", totals.loss);
  object.Set("losses", to_js(env, totals.losses));
  const auto metrics = Napi::Array::New(env, totals.metrics.size());
  for (size_t i = 0; i < totals.metrics.size(); ++i)
    metrics.Set(static_cast<uint32_t>(i), to_js(env, totals.metrics[i]));
  object.Set("metrics", metrics);
  return object;
}

Napi::Object to_js(Napi::Env env, const Program::Explanation& e) {
  Napi::Array passes = Napi::Array::New(env);
  for (size_t i = 0; i < e.passes.size(); ++i) {
    if (e.passes[i].kind.empty()) continue;  // nothing is planned before the first pass
    Napi::Object pass = to_js(env, e.passes[i]);
    if (e.profile.steps > 0) pass.Set("seconds", e.profile.by_pass[i]);
    passes.Set(passes.Length(), pass);
  }
  Napi::Object memory = Napi::Object::New(env);
  memory.Set("arena", static_cast<double>(e.arena_bytes));
  memory.Set("scratch", static_cast<double>(e.scratch_bytes));
  memory.Set("weights", static_cast<double>(e.weight_bytes));
  memory.Set("gradients", static_cast<double>(e.gradient_bytes));
  memory.Set("optimizer", static_cast<double>(e.optimizer_bytes));
  Napi::Object object = Napi::Object::New(env);
  object.Set("batchSize", e.capacity);
  object.Set("passes", passes);
  object.Set("memory", memory);
  if (e.profile.steps == 0) return object;
  Napi::Object profile = Napi::Object::New(env);
  profile.Set("steps", static_cast<double>(e.profile.steps));
  profile.Set("samples", static_cast<double>(e.profile.samples));
  profile.Set("seconds", e.profile.seconds);
  object.Set("profile", profile);
  return object;
}

}  // namespace convforge
