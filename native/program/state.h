#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "plan/parameter.h"
#include "plan/samples.h"
#include "program/optimizer.h"
#include "runtime/memory.h"

namespace convforge {

// New values for a state, in the canonical layout. They wait until the jobs before them have ended.
struct StagedValues {
  using Sets = std::vector<std::shared_ptr<Samples>>;  // by parameter
  std::optional<Sets> weights;
  std::optional<uint64_t> iterations;
  std::vector<Sets> slots;  // by slot; none unless `iterations` is there
};

// Where values of a state go, in the canonical layout.
struct StateArrays {
  std::vector<float*> weights;             // by parameter, or none
  std::vector<std::vector<float*>> slots;  // by slot, then by parameter, or none
};

// What training changes: the weights, the optimizer's slots and the gradients' memory. The programs of a model for
// inputs of different shapes share one State.
//
// The compute thread runs the programs' jobs. JavaScript's thread may read weights and slots meanwhile, and writes them
// only if there are no jobs. `mutex` is held while they change, and by who reads them outside of a run. (A lock that
// readers share would need glibc 2.34.)
class State {
 public:
  // Weights start as 0. `optimizer` is null without training. `gradient_floats` must be at least the size of the
  // parameters. Throws Error.
  State(std::vector<Parameter> parameters, const OptimizerDescription* optimizer, size_t gradient_floats);

  // Throws Error INVALID_ARGUMENT unless a program with these parameters and this optimizer can share the state.
  void check_shareable(const std::vector<Parameter>& parameters, const OptimizerDescription* optimizer,
                       size_t gradient_floats) const;

  const std::vector<Parameter>& parameters() const { return parameters_; }
  bool trains() const { return optimizer_ != nullptr; }
  // Throws Error NOT_COMPILED without training.
  Optimizer& optimizer();
  float* weights() const { return weights_.floats(); }
  float* gradients() const { return gradients_.floats(); }
  size_t weight_bytes() const { return weights_.bytes(); }
  size_t gradient_bytes() const { return gradients_.bytes(); }
  // Changes whenever the weights change.
  uint64_t version() const { return version_; }
  void weights_changed() { ++version_; }

  // Write values in the canonical layout, in the order of parameters().
  void read_weights(const std::vector<float*>& to) const { unpack(weights_.floats(), to); }
  void read_slot(size_t slot, const std::vector<float*>& to) { unpack(optimizer().slot(slot), to); }
  // Gradients of parameters that aren't trainable are zeros.
  void read_gradients(const std::vector<float*>& to) const;
  // Throws Error SHAPE_MISMATCH, with a message that begins with `what`, unless there is one array of the right length
  // per parameter.
  void check_lengths(const std::vector<size_t>& lengths, const std::string& what) const;
  void write_weight(size_t parameter, const float* values);
  void write_slot(size_t slot, size_t parameter, const float* values);
  void write_gradient(size_t parameter, const float* values);

  // Writes all of these. The caller must hold `mutex`.
  void write(const StagedValues& values);
  // Reads weights, slots and the number of steps as they will be when all staged values are written. Takes `mutex`.
  uint64_t read_newest(const StateArrays& to);
  // The number of steps as it will be then. Needs no `mutex`.
  uint64_t newest_iterations();
  // Values that a job will write, and the end of that job. They must be unstaged by the address under which they were
  // staged.
  void stage(const StagedValues* values);
  void unstage(const StagedValues* values);

  // Whether the last run was a training step that skipped its update. Its gradients are still there for
  // Program::run_update.
  bool update_skipped = false;

  std::mutex mutex;
  // Jobs on the state that are running or waiting, and those of them that train.
  std::atomic<int> jobs{0};
  std::atomic<int> training_jobs{0};
  std::atomic<bool> disposed{false};

 private:
  void unpack(const float* storage, const std::vector<float*>& to) const;
  // The last staged values of which `has` is true; null if there are none. The caller must hold staged_mutex_.
  template <typename Has>
  const StagedValues* last_staged(Has&& has) const;

  std::vector<Parameter> parameters_;
  Memory weights_;
  Memory gradients_;
  size_t gradient_floats_ = 0;
  uint64_t version_ = 0;
  std::unique_ptr<Optimizer> optimizer_;
  std::string optimizer_kind_;
  std::vector<const StagedValues*> staged_;  // in the order of their jobs
  std::mutex staged_mutex_;                  // guards staged_; the last one to lock, for moments only
};

}  // namespace convforge
