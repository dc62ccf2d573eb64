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

// What training changes: weights and the optimizer's slots; and the gradients' memory. The programs of a model for
// inputs of several shapes share one. Whatever reads or writes it, and whatever runs one of its programs, holds
// `mutex`.
class State {
 public:
  // Weights are 0. `optimizer`: null without training. `gradient_floats`: at least those of the parameters. Throws
  // Error.
  State(std::vector<Parameter> parameters, const OptimizerDescription* optimizer, size_t gradient_floats);

  // Throws Error INVALID_ARGUMENT unless a program with these can share it.
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
  // Changes whenever the weights do.
  uint64_t version() const { return version_; }
  void weights_changed() { ++version_; }

  // Canonical layouts, in the order of parameters().
  using Arrays = std::vector<std::vector<float>>;
  Arrays read_weights() const { return unpack(weights_.floats()); }
  Arrays read_slot(size_t slot) { return unpack(optimizer().slot(slot)); }
  // Throws Error SHAPE_MISMATCH, its text beginning with `what`, unless there is an array of the right length for each
  // parameter.
  void check_arrays(const Arrays& arrays, const std::string& what) const;
  void write_weight(size_t parameter, const float* values);
  void write_slot(size_t slot, size_t parameter, const float* values);
  // Zeros for those that are not trainable.
  Arrays read_gradients() const;
  void write_gradient(size_t parameter, const float* values);

  // Whether the last run was a training whose step was held: its gradients are there for Program::run_update.
  bool holds_step = false;

  std::mutex mutex;
  // Training jobs that run or wait.
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
