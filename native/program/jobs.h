// The jobs that the compute thread runs on a program. Constructors run on the caller's thread and check all arguments.
// They throw Error.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "program/program.h"
#include "runtime/scheduler.h"

namespace convforge {

using Finished = std::function<void(std::exception_ptr)>;

// A job on a program.
class ProgramJob : public Job {
 public:
  // Releases the program, since JavaScript may hold the job and its results for long.
  void finished(std::exception_ptr failure) noexcept override {
    program_.reset();
    // Moved out, since it may own the owner of this job.
    const Finished tell = std::move(finished_);
    tell(failure);
  }

  // Programs that share a state belong to one model.
  const void* subject() const override { return subject_; }
  bool needs_preparation() const override { return !program_->is_planned(mode(), capacity()); }
  // Plans the program.
  void prepare() override;

 protected:
  // How the job runs the program, and its largest batch; 0 if it doesn't run it.
  virtual Program::Mode mode() const = 0;
  virtual int capacity() const = 0;

  ProgramJob(Priority priority, const void* owner, std::shared_ptr<Program> program, Finished finished);

  // Throws Error DISPOSED.
  void check_usable() const;

  std::shared_ptr<Program> program_;

 private:
  const void* subject_;
  Finished finished_;
};

class BatchJob : public ProgramJob {
 public:
  struct Data {
    using Sets = std::vector<std::shared_ptr<Samples>>;
    Sets x;               // by input
    Sets y;               // by output with a loss; empty for prediction
    Sets sample_weights;  // by output with a loss, or empty
    int batch_size = 0;
  };

  bool step(Team& team) override;
  void finished(std::exception_ptr failure) noexcept override;
  std::string progress() const override;

 protected:
  // `activity` and `unit` are for error messages: "training", "steps".
  BatchJob(Priority priority, const void* owner, std::shared_ptr<Program> program, Data data, Finished finished,
           const char* activity, const char* unit);

  virtual void run(Step step, int capacity, Team& team) = 0;
  int capacity() const override;
  void check_targets(const std::vector<uint32_t>* order) const;

  Data data_;
  Program::SampleSets x_;
  Program::SampleSets y_;
  Program::SampleSets sample_weights_;
  size_t count_ = 0;  // samples to process
  size_t done_ = 0;   // samples processed

 private:
  const char* activity_;
  const char* unit_;
};

class TrainJob : public BatchJob {
 public:
  using Progress = std::function<void(const Totals&)>;

  struct Options {
    uint64_t seed = 0;
    // Whether to stop after a batch whose loss isn't finite. That batch updates no weights, except statistics.
    bool stop_at_non_finite = false;
    // Whether to compute values again in the backward pass, instead of keeping them.
    bool rematerialize = false;
    // What the totals start from, such as those of the epoch so far. Default: zeros.
    std::optional<Totals> totals;
  };

  TrainJob(const void* owner, std::shared_ptr<Program> program, Data data, std::vector<uint32_t> order, Options options,
           Progress progress, Finished finished);
  ~TrainJob() override { leave(); }

  void finished(std::exception_ptr failure) noexcept override;
  const Totals& totals() const { return totals_; }

 protected:
  Program::Mode mode() const override {
    return options_.rematerialize ? Program::Mode::kRematerialize : Program::Mode::kTrain;
  }
  void run(Step step, int capacity, Team& team) override;

 private:
  // Takes over the totals of the options. Throws Error INVALID_ARGUMENT if they are another program's.
  void continue_totals();
  // Ends this job's part in State::training_jobs.
  void leave();

  bool counted_ = true;
  std::vector<uint32_t> order_;
  Options options_;
  Progress progress_;
  Totals totals_;
  std::chrono::steady_clock::time_point reported_;
};

class EvaluateJob : public BatchJob {
 public:
  EvaluateJob(const void* owner, std::shared_ptr<Program> program, Data data, uint64_t seed, Finished finished);

  const Totals& totals() const { return totals_; }

 protected:
  Program::Mode mode() const override { return Program::Mode::kEvaluate; }
  void run(Step step, int capacity, Team& team) override;

 private:
  uint64_t seed_;
  Totals totals_;
};

class PredictJob : public BatchJob {
 public:
  PredictJob(const void* owner, std::shared_ptr<Program> program, Data data, uint64_t seed, Finished finished);

  // By output.
  const State::Arrays& outputs() const { return outputs_; }

 protected:
  Program::Mode mode() const override { return Program::Mode::kPredict; }
  void run(Step step, int capacity, Team& team) override;

 private:
  uint64_t seed_;
  State::Arrays outputs_;
  std::vector<float*> batch_outputs_;  // addresses of a batch in outputs_
};

// Computes the weights' gradients. All samples form one batch.
class GradientJob : public BatchJob {
 public:
  GradientJob(const void* owner, std::shared_ptr<Program> program, Data data, uint64_t seed, Finished finished);

  const Totals& totals() const { return totals_; }
  const State::Arrays& gradients() const { return gradients_; }

 protected:
  Program::Mode mode() const override { return Program::Mode::kGradients; }
  void run(Step step, int capacity, Team& team) override;

 private:
  uint64_t seed_;
  Totals totals_;
  State::Arrays gradients_;
};

// Computes outputs and gradients by values. All samples form one batch.
class ValueGradientJob : public BatchJob {
 public:
  ValueGradientJob(const void* owner, std::shared_ptr<Program> program, Data data, uint64_t seed, Finished finished);

  const Totals& totals() const { return totals_; }
  const State::Arrays& outputs() const { return outputs_; }
  const State::Arrays& gradients() const { return gradients_; }

 protected:
  Program::Mode mode() const override { return Program::Mode::kValueGradients; }
  void run(Step step, int capacity, Team& team) override;

 private:
  uint64_t seed_;
  Totals totals_;
  State::Arrays outputs_;
  State::Arrays gradients_;
};

// A step of the optimizer, with the given gradients, or else with those of the step that training has skipped.
class UpdateJob : public ProgramJob {
 public:
  UpdateJob(const void* owner, std::shared_ptr<Program> program, std::optional<State::Arrays> gradients,
            Finished finished);

  bool step(Team& team) override;
  std::string progress() const override { return "an update was aborted before it ran"; }

 private:
  Program::Mode mode() const override { return Program::Mode::kUpdate; }
  int capacity() const override { return 1; }

  std::optional<State::Arrays> gradients_;
};

// The whole state between two steps.
struct Snapshot {
  State::Arrays weights;
  bool trains = false;  // whether the fields below are set
  uint64_t iterations = 0;
  std::vector<std::string> slot_names;
  std::vector<State::Arrays> slots;  // in the order of slot_names
};

class SnapshotJob : public ProgramJob {
 public:
  SnapshotJob(const void* owner, std::shared_ptr<Program> program, Finished finished)
      : ProgramJob(Priority::kInference, owner, std::move(program), std::move(finished)) {}

  bool step(Team& team) override;
  std::string progress() const override { return "a snapshot was aborted before it was taken"; }
  const Snapshot& snapshot() const { return snapshot_; }

 private:
  Program::Mode mode() const override { return Program::Mode::kPredict; }
  int capacity() const override { return 0; }

  Snapshot snapshot_;
};

// The caller must hold state.mutex.
Snapshot take_snapshot(State& state);

}  // namespace convforge
