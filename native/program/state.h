#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "plan/parameter.h"
#include "program/optimizer.h"
#include "runtime/memory.h"

namespace convforge {

// What training changes: the weights, the optimizer's slots and the gradients' memory. The programs of a model for
// inputs of different shapes share one State. Whoever reads or writes it, or runs one of its programs, must hold
// `mutex`.
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

  // Arrays in the canonical layout, in the order of parameters().
  using Arrays = std::vector<std::vector<float>>;
  Arrays read_weights() const { return unpack(weights_.floats()); }
  Arrays read_slot(size_t slot) { return unpack(optimizer().slot(slot)); }
  // Throws Error SHAPE_MISMATCH, with a message that begins with `what`, unless there is one array of the right length
  // per parameter.
  void check_arrays(const Arrays& arrays, const std::string& what) const;
  void write_weight(size_t parameter, const float* values);
  void write_slot(size_t slot, size_t parameter, const float* values);
  // The gradients of parameters that aren't trainable are zeros.
  Arrays read_gradients() const;
  void write_gradient(size_t parameter, const float* values);

  // Whether the last run was a training step that skipped its update. Its gradients are still there for
  // Program::run_update.
  bool update_skipped = false;

  std::mutex mutex;
  // Training jobs that are running or waiting.
  std::atomic<int> training_jobs{0};
  std::atomic<bool> disposed{false};

 private:
  Arrays unpack(const float* storage) const;

  std::vector<Parameter> parameters_;
  Memory weights_;
  Memory gradients_;
  size_t gradient_floats_ = 0;
  uint64_t version_ = 0;
  std::unique_ptr<Optimizer> optimizer_;
  std::string optimizer_kind_;
};

}  // namespace convforge
