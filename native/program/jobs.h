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
  ~ProgramJob() override { leave(); }

  // Releases the program, since JavaScript may hold the job and its results for long.
  void finished(std::exception_ptr failure) noexcept override {
    leave();
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
  // Throws Error DISPOSED.
  void check() const override;

 protected:
  // How the job runs the program, and its largest batch; 0 if it doesn't run it.
  virtual Program::Mode mode() const = 0;
  virtual int capacity() const = 0;

  ProgramJob(Priority priority, const void* owner, std::shared_ptr<Program> program, Finished finished);

  std::shared_ptr<Program> program_;

 private:
  // Ends this job's part in State::jobs.
  void leave();

  bool counted_ = false;
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
    TrainingWay way = {};
    // What the totals start from, such as those of the epoch so far. Default: zeros.
    std::optional<Totals> totals = std::nullopt;
  };

  TrainJob(const void* owner, std::shared_ptr<Program> program, Data data, std::vector<uint32_t> order, Options options,
           Progress progress, Finished finished);
  ~TrainJob() override { end_training(); }

  void finished(std::exception_ptr failure) noexcept override;
  const Totals& totals() const { return totals_; }

 protected:
  Program::Mode mode() const override { return Program::mode_of(options_.way); }
  int capacity() const override { return options_.way.shards.capacity(BatchJob::capacity()); }
  void run(Step step, int capacity, Team& team) override;

 private:
  // Takes over the totals of the options. Throws Error INVALID_ARGUMENT if they are another program's.
  void continue_totals();
  // Ends this job's part in State::training_jobs.
  void end_training();

  bool trains_ = true;
  std::vector<uint32_t> order_;
  Options options_;
  StepVotes votes_;
  Progress progress_;
  Totals totals_;
  std::chrono::steady_clock::time_point reported_;
};

class EvaluateJob : public BatchJob {
 public:
  EvaluateJob(const void* owner, std::shared_ptr<Program> program, Data data, uint64_t seed, Finished finished);

  bool leaves_subject_alone() const override { return true; }
  const Totals& totals() const { return totals_; }

 protected:
  Program::Mode mode() const override { return Program::Mode::kEvaluate; }
  void run(Step step, int capacity, Team& team) override;

 private:
  uint64_t seed_;
  Totals totals_;
};

// Where a job writes its results. They must last until it has ended.
using Places = std::vector<float*>;

class PredictJob : public BatchJob {
 public:
  // `outputs` has a place for the values of all samples for each output.
  PredictJob(const void* owner, std::shared_ptr<Program> program, Data data, uint64_t seed, Places outputs,
             Finished finished);

  bool leaves_subject_alone() const override { return true; }

 protected:
  Program::Mode mode() const override { return Program::Mode::kPredict; }
  void run(Step step, int capacity, Team& team) override;

 private:
  uint64_t seed_;
  Places outputs_;
  Places batch_outputs_;  // the places of a batch
};

// Computes the weights' gradients. All samples form one batch.
class GradientJob : public BatchJob {
 public:
  // `gradients` has a place for each parameter.
  GradientJob(const void* owner, std::shared_ptr<Program> program, Data data, uint64_t seed, Places gradients,
              Finished finished);

  const Totals& totals() const { return totals_; }

 protected:
  Program::Mode mode() const override { return Program::Mode::kGradients; }
  void run(Step step, int capacity, Team& team) override;

 private:
  uint64_t seed_;
  Totals totals_;
  Places gradients_;
};

// Computes outputs and gradients by values. All samples form one batch.
class ValueGradientJob : public BatchJob {
 public:
  // `outputs` and `gradients` have a place for the values of all samples for each output and gradient.
  ValueGradientJob(const void* owner, std::shared_ptr<Program> program, Data data, uint64_t seed, Places outputs,
                   Places gradients, Finished finished);

  bool leaves_subject_alone() const override { return true; }
  const Totals& totals() const { return totals_; }

 protected:
  Program::Mode mode() const override { return Program::Mode::kValueGradients; }
  void run(Step step, int capacity, Team& team) override;

 private:
  uint64_t seed_;
  Totals totals_;
  Places outputs_;
  Places gradients_;
};

// A job on the state alone. Runs in the order of submission with the inference of its model.
class StateJob : public ProgramJob {
 public:
  std::string progress() const override { return "the access to a model's weights was aborted before it began"; }

 protected:
  StateJob(const void* owner, std::shared_ptr<Program> program, Finished finished)
      : ProgramJob(Priority::kInference, owner, std::move(program), std::move(finished)) {}

 private:
  Program::Mode mode() const override { return Program::Mode::kPredict; }
  int capacity() const override { return 0; }
};

// A step of the optimizer, with the given gradients, or else with those of the step that training has skipped.
class UpdateJob : public ProgramJob {
 public:
  UpdateJob(const void* owner, std::shared_ptr<Program> program, std::optional<StagedValues::Sets> gradients,
            Finished finished);

  bool step(Team& team) override;
  std::string progress() const override { return "an update was aborted before it ran"; }

 private:
  Program::Mode mode() const override { return Program::Mode::kUpdate; }
  int capacity() const override { return 1; }

  std::optional<StagedValues::Sets> gradients_;
};

// Copies the state as it is between two steps.
class ReadJob : public StateJob {
 public:
  ReadJob(const void* owner, std::shared_ptr<Program> program, StateArrays to, Finished finished)
      : StateJob(owner, std::move(program), std::move(finished)), to_(std::move(to)) {}

  bool leaves_subject_alone() const override { return true; }
  bool step(Team& team) override;
  uint64_t iterations() const { return iterations_; }

 private:
  StateArrays to_;
  uint64_t iterations_ = 0;
};

// Writes values to the state. Reads of the state give them from the job's beginning on.
class WriteJob : public StateJob {
 public:
  WriteJob(const void* owner, std::shared_ptr<Program> program, StagedValues values, Finished finished);
  ~WriteJob() override { unstage(); }

  bool step(Team& team) override;
  void finished(std::exception_ptr failure) noexcept override;

 private:
  void unstage();

  StagedValues values_;
  std::shared_ptr<State> state_;  // null once the values are no longer staged
};

// Explains how a program is computed.
class ExplainJob : public ProgramJob {
 public:
  // `capacity` may be 0, for any.
  ExplainJob(const void* owner, std::shared_ptr<Program> program, Program::Mode mode, int capacity, Finished finished)
      : ProgramJob(Priority::kInference, owner, std::move(program), std::move(finished)),
        mode_(mode),
        capacity_(capacity) {}

  bool leaves_subject_alone() const override { return true; }
  bool needs_preparation() const override { return !program_->has_run(mode_, capacity_); }
  void prepare() override;
  bool step(Team& team) override;
  std::string progress() const override { return "an explanation was aborted"; }
  const Program::Explanation& explanation() const { return *explanation_; }

 private:
  Program::Mode mode() const override { return mode_; }
  int capacity() const override { return capacity_; }

  Program::Mode mode_;
  int capacity_;
  std::optional<Program::Explanation> explanation_;
};

// Frees memory on the compute thread, since giving much back to the system takes long.
class DiscardJob : public Job {
 public:
  DiscardJob(const void* owner, std::shared_ptr<void> garbage)
      : Job(Priority::kInference, owner), garbage_(std::move(garbage)) {}

  bool leaves_subject_alone() const override { return true; }
  bool step(Team& team) override;
  void finished(std::exception_ptr failure) noexcept override;
  const void* subject() const override { return this; }
  std::string progress() const override { return "freeing memory was aborted"; }

 private:
  std::shared_ptr<void> garbage_;
};

}  // namespace convforge
