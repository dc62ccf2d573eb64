#pragma once

#include <napi.h>

#include <memory>

#include "binding/job_handle.h"
#include "program/jobs.h"
#include "program/program.h"

namespace convforge {

// new Program(description, sharing?: Program): the native half of lib/program/native-engine.ts.
class ProgramWrap : public Napi::ObjectWrap<ProgramWrap> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit ProgramWrap(const Napi::CallbackInfo& info);
  void Finalize(Napi::Env env) override;

 private:
  Napi::Value train(const Napi::CallbackInfo& info);
  Napi::Value start_training(const Napi::CallbackInfo& info, const Shards& shards);
  Napi::Value evaluate(const Napi::CallbackInfo& info);
  Napi::Value predict(const Napi::CallbackInfo& info);
  Napi::Value gradients(const Napi::CallbackInfo& info);
  Napi::Value value_gradients(const Napi::CallbackInfo& info);
  Napi::Value update(const Napi::CallbackInfo& info);
  Napi::Value sizes(const Napi::CallbackInfo& info);
  Napi::Value snapshot(const Napi::CallbackInfo& info);
  Napi::Value run_here(const Napi::CallbackInfo& info);
  Napi::Value read(const Napi::CallbackInfo& info);
  Napi::Value write(const Napi::CallbackInfo& info);
  Napi::Value write_staged(const Napi::CallbackInfo& info);
  Napi::Value iterations(const Napi::CallbackInfo& info);
  Napi::Value set_learning_rate(const Napi::CallbackInfo& info);
  Napi::Value explain(const Napi::CallbackInfo& info);
  Napi::Value profile(const Napi::CallbackInfo& info);
  Napi::Value release(const Napi::CallbackInfo& info);
  Napi::Value dispose(const Napi::CallbackInfo& info);

  static std::shared_ptr<State> to_state(const Napi::Value& value);
  // Throws Error DISPOSED.
  const std::shared_ptr<Program>& program() const;
  // Throws Error MODEL_BUSY while the program trains.
  void check_idle(const char* action) const;
  BatchJob::Data job_data(const Napi::CallbackInfo& info, bool targets) const;
  void release_program(Napi::Env env);

  std::shared_ptr<Program> program_;
  int64_t reported_bytes_ = 0;
};

}  // namespace convforge
