#include "binding/program_wrap.h"

#include <algorithm>
#include <string>
#include <utility>

#include "binding/arrays.h"
#include "binding/convert.h"
#include "binding/environment.h"
#include "binding/errors.h"
#include "binding/job_handle.h"
#include "binding/nodes_wrap.h"
#include "binding/results.h"
#include "binding/samples_wrap.h"
#include "binding/start_job.h"
#include "runtime/denormals.h"

namespace convforge {
namespace {

const napi_type_tag kProgramTag = {0x2f63c1b98e0d4a75, 0xb1d6e98a40f7235c};

// Values per sample of each output.
std::vector<size_t> output_sizes(const Program& program) {
  std::vector<size_t> sizes;
  for (size_t i = 0; i < program.output_count(); ++i) sizes.push_back(program.output_size(i));
  return sizes;
}

// Values per sample of each gradient.
std::vector<size_t> gradient_sizes(const Program& program) {
  std::vector<size_t> sizes;
  for (size_t i = 0; i < program.gradient_count(); ++i) sizes.push_back(program.gradient_size(i));
  return sizes;
}

Program::Mode to_mode(const Napi::Value& value) {
  const std::string name = value.IsString() ? value.As<Napi::String>().Utf8Value() : "";
  if (name == "predict") return Program::Mode::kPredict;
  if (name == "evaluate") return Program::Mode::kEvaluate;
  if (name == "train") return Program::Mode::kTrain;
  throw Error("INVALID_ARGUMENT", "mode must be 'train', 'evaluate' or 'predict'");
}

BatchJob::Data::Sets to_sets(const Napi::Value& value, const std::string& what) {
  if (!value.IsArray()) throw Error("INVALID_ARGUMENT", what + " must be an array of samples");
  const auto array = value.As<Napi::Array>();
  BatchJob::Data::Sets sets;
  for (uint32_t i = 0; i < array.Length(); ++i) sets.push_back(SamplesWrap::from(array.Get(i)));
  return sets;
}

// One set of float32 samples per parameter.
StagedValues::Sets to_staged(const Napi::Value& value, const State& state, const std::string& what) {
  StagedValues::Sets sets = to_sets(value, what);
  std::vector<size_t> lengths;
  for (const auto& set : sets) {
    if (set->type() != Samples::Type::kFloat32) throw Error("INVALID_ARGUMENT", what + " must be float32");
    lengths.push_back(set->elements());
  }
  state.check_lengths(lengths, what + ": ");
  return sets;
}

TrainJob::Progress progress_poster(const std::shared_ptr<JobHandle::State>& state) {
  if (!state->progress) return nullptr;
  // A weak pointer, since the state owns the job that owns this function.
  return [weak = std::weak_ptr(state), environment = state->environment](const Totals& totals) {
    struct Report : Environment::Work {
      Report(std::weak_ptr<JobHandle::State> state, const Totals& totals) : state(std::move(state)), totals(totals) {}
      void run(Napi::Env env) override {
        const auto alive = state.lock();
        if (!alive || !alive->progress) return;
        napi_value callback = nullptr;
        if (napi_get_reference_value(env, alive->progress, &callback) != napi_ok || !callback) return;
        Napi::Function(env, callback).Call({to_js(env, totals)});
      }
      std::weak_ptr<JobHandle::State> state;
      Totals totals;
    };
    environment->post(std::make_unique<Report>(weak, totals));
  };
}

}  // namespace

Napi::Function ProgramWrap::define(Napi::Env env) {
  return DefineClass(
      env, "Program",
      {InstanceMethod("train", &ProgramWrap::train), InstanceMethod("evaluate", &ProgramWrap::evaluate),
       InstanceMethod("predict", &ProgramWrap::predict), InstanceMethod("sizes", &ProgramWrap::sizes),
       InstanceMethod("writeStaged", &ProgramWrap::write_staged), InstanceMethod("snapshot", &ProgramWrap::snapshot),
       InstanceMethod("runHere", &ProgramWrap::run_here), InstanceMethod("read", &ProgramWrap::read),
       InstanceMethod("write", &ProgramWrap::write), InstanceMethod("setLearningRate", &ProgramWrap::set_learning_rate),
       InstanceMethod("iterations", &ProgramWrap::iterations), InstanceMethod("gradients", &ProgramWrap::gradients),
       InstanceMethod("valueGradients", &ProgramWrap::value_gradients), InstanceMethod("update", &ProgramWrap::update),
       InstanceMethod("explain", &ProgramWrap::explain), InstanceMethod("profile", &ProgramWrap::profile),
       InstanceMethod("release", &ProgramWrap::release), InstanceMethod("dispose", &ProgramWrap::dispose)});
}

ProgramWrap::ProgramWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<ProgramWrap>(info) {
  guarded(info.Env(), [&] {
    auto nodes = info[2].IsUndefined() ? std::nullopt : std::optional(NodesWrap::take(info[2]));
    program_ = std::make_shared<Program>(to_description(info[0], std::move(nodes)), to_state(info[1]));
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

// train(batchSize, x, y, sampleWeights, order, seed, onProgress?, stopAtNonFinite?, rematerialize?, totals?, shards?,
// collective?).
Napi::Value ProgramWrap::train(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const Shards shards = to_shards(info[10], info[11]);
    try {
      return start_training(info, shards);
    } catch (...) {
      // The other ranks have begun, and wait for this one.
      StepVotes(shards.collective).leave();
      throw;
    }
  });
}

Napi::Value ProgramWrap::start_training(const Napi::CallbackInfo& info, const Shards& shards) {
  BatchJob::Data data = job_data(info, true);
  if (!info[4].IsTypedArray() || info[4].As<Napi::TypedArray>().TypedArrayType() != napi_uint32_array) {
    throw Error("INVALID_ARGUMENT", "order must be a Uint32Array");
  }
  const auto indexes = info[4].As<Napi::Uint32Array>();
  std::vector<uint32_t> order(indexes.Data(), indexes.Data() + indexes.ElementLength());
  TrainJob::Options options = {.seed = to_whole(info[5], "seed"),
                               .stop_at_non_finite = info[7].ToBoolean(),
                               .way = {.rematerialize = info[8].ToBoolean(), .shards = shards}};
  if (!info[9].IsUndefined()) options.totals = to_totals(info[9]);
  const auto state = JobHandle::prepare(info.Env(), info[6]);
  return start_job<TrainJob>(
      info.Env(), state, [](Napi::Env env, const TrainJob& job) { return to_js(env, job.totals()); }, program(),
      std::move(data), std::move(order), std::move(options), progress_poster(state));
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

// sizes(): {outputs, gradients, parameters, slots}: values per sample of each output and gradient, values of each
// parameter, and the names of the optimizer's slots.
Napi::Value ProgramWrap::sizes(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const Napi::Env env = info.Env();
    const std::shared_ptr<Program> target = program();
    State& state = target->state();
    const auto list = [env](const auto& elements, auto&& convert) {
      Napi::Array array = Napi::Array::New(env, elements.size());
      for (size_t i = 0; i < elements.size(); ++i) array.Set(static_cast<uint32_t>(i), convert(elements[i]));
      return array;
    };
    const auto number = [env](size_t value) { return Napi::Number::New(env, static_cast<double>(value)); };
    Napi::Object sizes = Napi::Object::New(env);
    sizes.Set("outputs", list(output_sizes(*target), number));
    sizes.Set("gradients", list(gradient_sizes(*target), number));
    sizes.Set("parameters", list(state.parameters(), [&](const Parameter& parameter) {
                return number(static_cast<size_t>(parameter.size));
              }));
    if (!state.trains()) return sizes;
    sizes.Set("slots", list(state.optimizer().slot_names(),
                            [env](const std::string& name) { return Napi::String::New(env, name); }));
    return sizes;
  });
}

// predict(batchSize, x, seed, outputs): writes the values of each output.
Napi::Value ProgramWrap::predict(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    BatchJob::Data data = job_data(info, false);
    const uint64_t seed = to_whole(info[2], "seed");
    const auto state = JobHandle::prepare(info.Env(), info.Env().Undefined());
    const size_t samples = data.x.empty() ? 0 : data.x[0]->count();
    FloatArrays listed = list_arrays(info[3], "the outputs' places");
    Places outputs = sample_places(std::move(listed), output_sizes(*program()), samples, state.get());
    return start_job<PredictJob>(
        info.Env(), state, [](Napi::Env env, const PredictJob&) { return env.Undefined(); }, program(), std::move(data),
        seed, std::move(outputs));
  });
}

// gradients(batchSize, x, y, sampleWeights, seed, gradients): writes the gradients. Result: the totals.
Napi::Value ProgramWrap::gradients(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    BatchJob::Data data = job_data(info, true);
    const uint64_t seed = to_whole(info[4], "seed");
    const auto state = JobHandle::prepare(info.Env(), info.Env().Undefined());
    Places gradients = parameter_places(list_arrays(info[5], "the gradients' places"), program()->state(), state.get());
    return start_job<GradientJob>(
        info.Env(), state, [](Napi::Env env, const GradientJob& job) { return to_js(env, job.totals()); }, program(),
        std::move(data), seed, std::move(gradients));
  });
}

// valueGradients(batchSize, x, y, sampleWeights, seed, outputs, gradients): writes both. Result: the totals.
Napi::Value ProgramWrap::value_gradients(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    BatchJob::Data data = job_data(info, true);
    const size_t samples = data.x.empty() ? 0 : data.x[0]->count();
    const uint64_t seed = to_whole(info[4], "seed");
    const auto state = JobHandle::prepare(info.Env(), info.Env().Undefined());
    FloatArrays listed_outputs = list_arrays(info[5], "the outputs' places");
    FloatArrays listed_gradients = list_arrays(info[6], "the gradients' places");
    const std::shared_ptr<Program> target = program();
    Places outputs = sample_places(std::move(listed_outputs), output_sizes(*target), samples, state.get());
    Places gradients = sample_places(std::move(listed_gradients), gradient_sizes(*target), samples, state.get());
    return start_job<ValueGradientJob>(
        info.Env(), state, [](Napi::Env env, const ValueGradientJob& job) { return to_js(env, job.totals()); }, target,
        std::move(data), seed, std::move(outputs), std::move(gradients));
  });
}

// update(gradients): one step of the optimizer. null stands for the gradients with which training has stopped.
Napi::Value ProgramWrap::update(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    std::optional<StagedValues::Sets> gradients;
    if (!info[0].IsNull()) {
      const FloatArrays arrays = to_float_arrays(info[0], "the gradients");
      program()->state().check_lengths(lengths_of(arrays), "gradients: ");
      gradients = copy_parameters(arrays);
    }
    return start_job<UpdateJob>(
        info.Env(), JobHandle::prepare(info.Env(), info.Env().Undefined()),
        [](Napi::Env env, const UpdateJob&) { return env.Undefined(); }, program(), std::move(gradients));
  });
}

// snapshot(weights | null, slots | null): writes copies of them. Result: the number of steps.
Napi::Value ProgramWrap::snapshot(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const auto state = JobHandle::prepare(info.Env(), info.Env().Undefined());
    StateArrays to = state_places(info, program()->state(), state.get());
    return start_job<ReadJob>(
        info.Env(), state,
        [](Napi::Env env, const ReadJob& job) { return Napi::Number::New(env, static_cast<double>(job.iterations())); },
        program(), std::move(to));
  });
}

// runHere(values by input, samples, outputs): predicts on the calling thread.
Napi::Value ProgramWrap::run_here(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const std::shared_ptr<Program> target = program();
    const size_t samples = to_whole(info[1], "samples");
    FloatArrays listed_inputs = list_arrays(info[0], "the inputs");
    FloatArrays listed_outputs = list_arrays(info[2], "the outputs' places");
    const FloatArrays values = locate(std::move(listed_inputs), "the inputs");
    std::vector<Samples> sets;
    sets.reserve(values.size());
    Program::SampleSets x;
    for (size_t i = 0; i < values.size(); ++i) {
      Shape shape = target->input_shape(std::min(i, target->input_count() - 1));
      shape.insert(shape.begin(), static_cast<int64_t>(samples));
      Samples& set = sets.emplace_back(shape, Samples::Type::kFloat32);
      if (set.elements() != values[i].length) {
        throw Error("SHAPE_MISMATCH", std::to_string(values[i].length) + " values don't make " +
                                          std::to_string(samples) + " samples of shape " +
                                          to_string(set.sample_shape()));
      }
      set.write(values[i].data, 0, values[i].length);
      x.push_back(&set);
    }
    target->check_inputs(x);
    const Places outputs = sample_places(std::move(listed_outputs), output_sizes(*target), samples, nullptr);
    if (target->state().jobs.load() > 0) throw Error("MODEL_BUSY", "this program runs on the compute thread");
    Step step;
    step.n = static_cast<int>(samples);
    step.x = x.data();
    if (step.n > 0) {
      const FlushDenormals flush;
      Team team = Team::serial();
      target->run_prediction(step, step.n, outputs.data(), team);
    }
    return info.Env().Undefined();
  });
}

// read(weights | null, slots | null): writes copies of them. Result: the number of steps.
Napi::Value ProgramWrap::read(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    check_idle("read its weights");
    const std::shared_ptr<Program> target = program();
    const StateArrays to = state_places(info, target->state(), nullptr);
    return Napi::Number::New(info.Env(), static_cast<double>(target->state().read_newest(to)));
  });
}

// write(weights): where jobs run or wait, a copy is written after them. It can be read at once.
Napi::Value ProgramWrap::write(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    // Keeps the program alive: reading the arguments may run JavaScript that disposes of it.
    const std::shared_ptr<Program> target = program();
    State& state = target->state();
    const FloatArrays weights = to_float_arrays(info[0], "the weights");
    state.check_lengths(lengths_of(weights), "");
    check_idle("change its weights");
    if (state.jobs.load() > 0) {
      StagedValues values;
      values.weights = copy_parameters(weights);
      start_job<WriteJob>(
          info.Env(), JobHandle::prepare(info.Env(), info.Env().Undefined()),
          [](Napi::Env env, const WriteJob&) { return env.Undefined(); }, target, std::move(values));
      return info.Env().Undefined();
    }
    const std::lock_guard lock(state.mutex);
    for (size_t i = 0; i < weights.size(); ++i) state.write_weight(i, weights[i].data);
    return info.Env().Undefined();
  });
}

// writeStaged(weights | null, iterations | null, slots | null): a job that writes these, all of them Samples. slots has
// an array of weights per slot of the optimizer. Until it runs, they can be read already.
Napi::Value ProgramWrap::write_staged(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const std::shared_ptr<Program> target = program();
    State& state = target->state();
    StagedValues values;
    if (!info[0].IsNull()) values.weights = to_staged(info[0], state, "the weights");
    if (!info[1].IsNull()) {
      values.iterations = to_whole(info[1], "iterations");
      const std::vector<Napi::Value> slots = list_slots(info[2], state);
      for (size_t i = 0; i < slots.size(); ++i) {
        const std::string what = "the optimizer's slot '" + state.optimizer().slot_names()[i] + "'";
        values.slots.push_back(to_staged(slots[i], state, what));
      }
    }
    check_idle("change its weights");
    return start_job<WriteJob>(
        info.Env(), JobHandle::prepare(info.Env(), info.Env().Undefined()),
        [](Napi::Env env, const WriteJob&) { return env.Undefined(); }, target, std::move(values));
  });
}

Napi::Value ProgramWrap::iterations(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    return Napi::Number::New(info.Env(), static_cast<double>(program()->state().newest_iterations()));
  });
}

Napi::Value ProgramWrap::set_learning_rate(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    program()->state().optimizer().set_learning_rate(to_number(info[0], "learningRate"));
    return info.Env().Undefined();
  });
}

// explain(mode, batchSize, rematerialize?): a job whose result is the explanation. A batch size of 0 stands for that of
// the plan that ran last.
Napi::Value ProgramWrap::explain(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    Program::Mode mode = to_mode(info[0]);
    if (mode == Program::Mode::kTrain && info[2].ToBoolean()) mode = Program::Mode::kRematerialize;
    const uint64_t batch_size = std::min<uint64_t>(to_whole(info[1], "batchSize"), kMaxElements);
    return start_job<ExplainJob>(
        info.Env(), JobHandle::prepare(info.Env(), info.Env().Undefined()),
        [](Napi::Env env, const ExplainJob& job) { return to_js(env, job.explanation()); }, program(), mode,
        static_cast<int>(batch_size));
  });
}

// profile(on): starts or stops measuring.
Napi::Value ProgramWrap::profile(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const std::shared_ptr<Program> target = program();
    if (!info[0].IsBoolean()) throw Error("INVALID_ARGUMENT", "profile takes true or false");
    target->measure(info[0].As<Napi::Boolean>().Value());
    return info.Env().Undefined();
  });
}

void ProgramWrap::release_program(Napi::Env env) {
  if (!program_) return;
  discard(env, std::move(program_), static_cast<size_t>(reported_bytes_));
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
  if (program_) {
    program_->state().disposed.store(true);
    Scheduler::instance().attend();
  }
  release_program(info.Env());
  return info.Env().Undefined();
}

}  // namespace convforge
