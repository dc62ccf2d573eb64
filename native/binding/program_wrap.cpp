#include "binding/program_wrap.h"

#include <algorithm>
#include <string>
#include <utility>

#include "binding/convert.h"
#include "binding/environment.h"
#include "binding/errors.h"
#include "binding/job_handle.h"
#include "binding/results.h"
#include "binding/samples_wrap.h"
#include "binding/start_job.h"
#include "runtime/denormals.h"

namespace convforge {
namespace {

const napi_type_tag kProgramTag = {0x2f63c1b98e0d4a75, 0xb1d6e98a40f7235c};

// Copies the arrays, since reading one may run JavaScript that detaches another.
State::Arrays to_float_arrays(const Napi::Value& value, const std::string& what) {
  if (!value.IsArray()) throw Error("SHAPE_MISMATCH", what + " must be an array of a Float32Array for each weight");
  const auto array = value.As<Napi::Array>();
  State::Arrays result;
  for (uint32_t i = 0; i < array.Length(); ++i) {
    size_t length = 0;
    const float* values = to_floats(array.Get(i), &length, "a weight");
    result.emplace_back(values, values + length);
  }
  return result;
}

Program::Mode to_mode(const Napi::Value& value) {
  const std::string name = value.IsString() ? value.As<Napi::String>().Utf8Value() : "";
  if (name == "predict") return Program::Mode::kPredict;
  if (name == "evaluate") return Program::Mode::kEvaluate;
  if (name == "train") return Program::Mode::kTrain;
  throw Error("INVALID_ARGUMENT", "mode must be 'train', 'evaluate' or 'predict'");
}

BatchJob::Data::Sets to_sets(const Napi::Value& value, const char* what) {
  if (!value.IsArray()) throw Error("INVALID_ARGUMENT", std::string(what) + " must be an array of samples");
  const auto array = value.As<Napi::Array>();
  BatchJob::Data::Sets sets;
  for (uint32_t i = 0; i < array.Length(); ++i) sets.push_back(SamplesWrap::from(array.Get(i)));
  return sets;
}

TrainJob::Progress progress_poster(const std::shared_ptr<JobHandle::State>& state) {
  if (!state->progress) return nullptr;
  // A weak pointer, since the state owns the job that owns this function.
  return [weak = std::weak_ptr(state), environment = state->environment](const Totals& totals) {
    environment->post([weak, totals](Napi::Env env) {
      const auto state = weak.lock();
      if (!state || !state->progress) return;
      napi_value callback = nullptr;
      if (napi_get_reference_value(env, state->progress, &callback) != napi_ok || !callback) return;
      Napi::Function(env, callback).Call({to_js(env, totals)});
    });
  };
}

}  // namespace

Napi::Function ProgramWrap::define(Napi::Env env) {
  return DefineClass(
      env, "Program",
      {InstanceMethod("train", &ProgramWrap::train), InstanceMethod("evaluate", &ProgramWrap::evaluate),
       InstanceMethod("predict", &ProgramWrap::predict), InstanceMethod("snapshot", &ProgramWrap::snapshot),
       InstanceMethod("runHere", &ProgramWrap::run_here), InstanceMethod("read", &ProgramWrap::read),
       InstanceMethod("write", &ProgramWrap::write), InstanceMethod("setLearningRate", &ProgramWrap::set_learning_rate),
       InstanceMethod("iterations", &ProgramWrap::iterations), InstanceMethod("gradients", &ProgramWrap::gradients),
       InstanceMethod("valueGradients", &ProgramWrap::value_gradients), InstanceMethod("update", &ProgramWrap::update),
       InstanceMethod("explain", &ProgramWrap::explain), InstanceMethod("profile", &ProgramWrap::profile),
       InstanceMethod("release", &ProgramWrap::release), InstanceMethod("dispose", &ProgramWrap::dispose)});
}

ProgramWrap::ProgramWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<ProgramWrap>(info) {
  guarded(info.Env(), [&] {
    program_ = std::make_shared<Program>(to_description(info[0]), to_state(info[1]));
    info.This().As<Napi::Object>().TypeTag(&kProgramTag);
    if (!info[1].IsUndefined()) return;
    // Tells the garbage collector how much memory the model holds.
    const State& state = program_->state();
    reported_bytes_ = static_cast<int64_t>(state.weight_bytes() * (state.trains() ? 4 : 1));
    Napi::MemoryManagement::AdjustExternalMemory(info.Env(), reported_bytes_);
  });
}

// The state of the program whose weights a new program shares; null for none.
std::shared_ptr<State> ProgramWrap::to_state(const Napi::Value& value) {
  if (value.IsUndefined()) return nullptr;
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&kProgramTag))
    throw Error("INVALID_ARGUMENT", "weights can only be shared with a Program object");
  return Unwrap(value.As<Napi::Object>())->program()->shared_state();
}

const std::shared_ptr<Program>& ProgramWrap::program() const {
  if (!program_) throw Error("DISPOSED", "this model was disposed of");
  return program_;
}

void ProgramWrap::check_idle(const char* action) const {
  if (program()->state().training_jobs.load() == 0) return;
  throw Error("MODEL_BUSY",
              std::string("the model is training; ") + action + " when fit is done, or from its onEpochEnd");
}

// Reads the batch size and the samples of a job: x, y and sample weights (null: none), or x alone for a prediction.
BatchJob::Data ProgramWrap::job_data(const Napi::CallbackInfo& info, bool targets) const {
  BatchJob::Data data;
  const uint64_t batch_size = to_whole(info[0], "batchSize");
  data.batch_size = static_cast<int>(std::min<uint64_t>(batch_size, static_cast<uint64_t>(kMaxElements)));
  data.x = to_sets(info[1], "x");
  if (targets) data.y = to_sets(info[2], "y");
  if (targets && !info[3].IsNull()) data.sample_weights = to_sets(info[3], "sample weights");
  return data;
}

// train(batchSize, x, y, sampleWeights, order, seed, onProgress?, stopAtNonFinite?, rematerialize?, totals?).
Napi::Value ProgramWrap::train(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    BatchJob::Data data = job_data(info, true);
    if (!info[4].IsTypedArray() || info[4].As<Napi::TypedArray>().TypedArrayType() != napi_uint32_array) {
      throw Error("INVALID_ARGUMENT", "order must be a Uint32Array");
    }
    const auto indexes = info[4].As<Napi::Uint32Array>();
    std::vector<uint32_t> order(indexes.Data(), indexes.Data() + indexes.ElementLength());
    TrainJob::Options options = {.seed = to_whole(info[5], "seed"),
                                 .stop_at_non_finite = info[7].ToBoolean(),
                                 .rematerialize = info[8].ToBoolean()};
    if (!info[9].IsUndefined()) options.totals = to_totals(info[9]);
    const auto state = JobHandle::prepare(info.Env(), info[6]);
    return start_job<TrainJob>(
        info.Env(), state, [](Napi::Env env, const TrainJob& job) { return to_js(env, job.totals()); }, program(),
        std::move(data), std::move(order), std::move(options), progress_poster(state));
  });
}

// evaluate(batchSize, x, y, sampleWeights, seed?).
Napi::Value ProgramWrap::evaluate(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    BatchJob::Data data = job_data(info, true);
    const uint64_t seed = info[4].IsUndefined() ? 0 : to_whole(info[4], "seed");
    return start_job<EvaluateJob>(
        info.Env(), JobHandle::prepare(info.Env(), info.Env().Undefined()),
        [](Napi::Env env, const EvaluateJob& job) { return to_js(env, job.totals()); }, program(), std::move(data),
        seed);
  });
}

// predict(batchSize, x, seed?). Result: an array of values per output.
Napi::Value ProgramWrap::predict(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    BatchJob::Data data = job_data(info, false);
    const uint64_t seed = info[2].IsUndefined() ? 0 : to_whole(info[2], "seed");
    return start_job<PredictJob>(
        info.Env(), JobHandle::prepare(info.Env(), info.Env().Undefined()),
        [](Napi::Env env, const PredictJob& job) { return to_js(env, job.outputs()); }, program(), std::move(data),
        seed);
  });
}

// gradients(batchSize, x, y, sampleWeights, seed). Result: {totals, gradients}.
Napi::Value ProgramWrap::gradients(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const uint64_t seed = to_whole(info[4], "seed");
    return start_job<GradientJob>(
        info.Env(), JobHandle::prepare(info.Env(), info.Env().Undefined()),
        [](Napi::Env env, const GradientJob& job) {
          Napi::Object result = Napi::Object::New(env);
          result.Set("totals", to_js(env, job.totals()));
          result.Set("gradients", to_js(env, job.gradients()));
          return result;
        },
        program(), job_data(info, true), seed);
  });
}

// valueGradients(batchSize, x, y, sampleWeights, seed). Result: {totals, outputs, gradients}.
Napi::Value ProgramWrap::value_gradients(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const uint64_t seed = to_whole(info[4], "seed");
    return start_job<ValueGradientJob>(
        info.Env(), JobHandle::prepare(info.Env(), info.Env().Undefined()),
        [](Napi::Env env, const ValueGradientJob& job) {
          Napi::Object result = Napi::Object::New(env);
          result.Set("totals", to_js(env, job.totals()));
          result.Set("outputs", to_js(env, job.outputs()));
          result.Set("gradients", to_js(env, job.gradients()));
          return result;
        },
        program(), job_data(info, true), seed);
  });
}

// update(gradients): one step of the optimizer. null stands for the gradients with which training has stopped.
Napi::Value ProgramWrap::update(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    std::optional<State::Arrays> arrays;
    if (!info[0].IsNull()) arrays = to_float_arrays(info[0], "the gradients");
    return start_job<UpdateJob>(
        info.Env(), JobHandle::prepare(info.Env(), info.Env().Undefined()),
        [](Napi::Env env, const UpdateJob&) { return env.Undefined(); }, program(), std::move(arrays));
  });
}

Napi::Value ProgramWrap::snapshot(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    return start_job<SnapshotJob>(
        info.Env(), JobHandle::prepare(info.Env(), info.Env().Undefined()),
        [](Napi::Env env, const SnapshotJob& job) { return to_js(env, job.snapshot()); }, program());
  });
}

// runHere(values by input, samples): predicts on the calling thread. Result: an array of values per output.
Napi::Value ProgramWrap::run_here(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const std::shared_ptr<Program> target = program();
    const State::Arrays values = to_float_arrays(info[0], "the inputs");
    const size_t samples = to_whole(info[1], "samples");
    std::vector<Samples> sets;
    sets.reserve(values.size());
    Program::SampleSets x;
    for (size_t i = 0; i < values.size(); ++i) {
      Shape shape = target->input_shape(std::min(i, target->input_count() - 1));
      shape.insert(shape.begin(), static_cast<int64_t>(samples));
      Samples& set = sets.emplace_back(shape, Samples::Type::kFloat32);
      if (set.elements() != values[i].size()) {
        throw Error("SHAPE_MISMATCH", std::to_string(values[i].size()) + " values don't make " +
                                          std::to_string(samples) + " samples of shape " +
                                          to_string(set.sample_shape()));
      }
      set.write(values[i].data(), 0, values[i].size());
      x.push_back(&set);
    }
    target->check_inputs(x);
    State::Arrays outputs;
    std::vector<float*> y;
    for (size_t i = 0; i < target->output_count(); ++i)
      y.push_back(outputs.emplace_back(samples * target->output_size(i)).data());
    Step step;
    step.n = static_cast<int>(samples);
    step.x = x.data();
    if (step.n > 0) {
      const std::lock_guard lock(target->state().mutex);
      const FlushDenormals flush;
      Team team = Team::serial();
      target->run_prediction(step, step.n, y.data(), team);
    }
    return to_js(info.Env(), outputs);
  });
}

// read(): the weights and the optimizer's state.
Napi::Value ProgramWrap::read(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    check_idle("read its weights");
    const std::shared_ptr<Program> target = program();
    Snapshot snapshot;
    {
      const std::lock_guard lock(target->state().mutex);
      snapshot = take_snapshot(target->state());
    }
    return to_js(info.Env(), snapshot);
  });
}

// write(weights | null, iterations?, slots?). slots has an array of weights per slot of the optimizer.
Napi::Value ProgramWrap::write(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    // Keeps the program alive: reading the arguments may run JavaScript that disposes of it.
    const std::shared_ptr<Program> target = program();
    State::Arrays weights;
    if (!info[0].IsNull()) {
      weights = to_float_arrays(info[0], "the weights");
      target->state().check_arrays(weights, "");
    }
    std::vector<State::Arrays> slots;
    uint64_t iterations = 0;
    if (info.Length() > 1) {
      iterations = to_whole(info[1], "iterations");
      if (!info[2].IsObject()) throw Error("INVALID_ARGUMENT", "slots must be an object");
      for (const std::string& name : target->state().optimizer().slot_names()) {
        slots.push_back(to_float_arrays(info[2].As<Napi::Object>().Get(name), "the optimizer's slot '" + name + "'"));
        target->state().check_arrays(slots.back(), "slot '" + name + "': ");
      }
    }
    check_idle("change its weights");
    const std::lock_guard lock(target->state().mutex);
    for (size_t i = 0; i < weights.size(); ++i) target->state().write_weight(i, weights[i].data());
    if (info.Length() > 1) target->state().optimizer().iterations = iterations;
    for (size_t slot = 0; slot < slots.size(); ++slot) {
      for (size_t i = 0; i < slots[slot].size(); ++i) target->state().write_slot(slot, i, slots[slot][i].data());
    }
    return info.Env().Undefined();
  });
}

Napi::Value ProgramWrap::iterations(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    return Napi::Number::New(info.Env(), static_cast<double>(program()->state().optimizer().iterations.load()));
  });
}

Napi::Value ProgramWrap::set_learning_rate(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    program()->state().optimizer().set_learning_rate(to_number(info[0], "learningRate"));
    return info.Env().Undefined();
  });
}

// explain(mode, batchSize, rematerialize?). A batch size of 0 stands for that of the plan that ran last.
Napi::Value ProgramWrap::explain(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const std::shared_ptr<Program> target = program();
    Program::Mode mode = to_mode(info[0]);
    if (mode == Program::Mode::kTrain && info[2].ToBoolean()) mode = Program::Mode::kRematerialize;
    const uint64_t batch_size = std::min<uint64_t>(to_whole(info[1], "batchSize"), kMaxElements);
    return to_js(info.Env(), target->explain(mode, static_cast<int>(batch_size)));
  });
}

// profile(on): starts or stops measuring.
Napi::Value ProgramWrap::profile(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const std::shared_ptr<Program> target = program();
    if (!info[0].IsBoolean()) throw Error("INVALID_ARGUMENT", "profile takes true or false");
    const std::lock_guard lock(target->state().mutex);
    target->measure(info[0].As<Napi::Boolean>().Value());
    return info.Env().Undefined();
  });
}

void ProgramWrap::release_program(Napi::Env env) {
  if (!program_) return;
  program_.reset();
  Napi::MemoryManagement::AdjustExternalMemory(env, -reported_bytes_);
}

// Called by the garbage collector. Running jobs go on to their end.
void ProgramWrap::Finalize(Napi::Env env) { release_program(env); }

// release(): lets go of the program. Running jobs go on to their end.
Napi::Value ProgramWrap::release(const Napi::CallbackInfo& info) {
  release_program(info.Env());
  return info.Env().Undefined();
}

// dispose(): lets go of the program and ends the jobs of all programs that share its state.
Napi::Value ProgramWrap::dispose(const Napi::CallbackInfo& info) {
  if (program_) program_->state().disposed.store(true);
  release_program(info.Env());
  return info.Env().Undefined();
}

}  // namespace convforge
