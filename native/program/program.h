#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "ops/op.h"
#include "program/description.h"
#include "program/loss.h"
#include "program/optimizer.h"
#include "program/parameter.h"
#include "program/plan.h"
#include "program/samples.h"

namespace convforge {

// A checked program with its weights. Everything that runs it goes through run_*, one batch a call; those, and what
// reads or writes the state, hold `mutex`.
class Program {
 public:
  // Throws Error for whatever doesn't fit.
  explicit Program(const ProgramDescription& description);

  const std::vector<Parameter>& parameters() const { return parameters_; }
  bool trains() const { return optimizer_ != nullptr; }
  // Throws Error NOT_COMPILED without training.
  Optimizer& optimizer();
  const Shape& input_shape() const { return input_; }
  size_t output_size() const { return output_size_; }

  // Throw Error SHAPE_MISMATCH (INVALID_LABEL) unless the samples suit the program.
  void check_input(const Samples& x) const;
  void check_targets(const Samples& x, const Samples& y, const std::vector<uint32_t>* order) const;

  // Run one batch of at most `capacity` samples (the largest that the caller will use, so that memory is planned once).
  // `step` has the batch (n, x, y, order or first, seed); totals are added to step.totals.
  void run_training(Step step, int capacity, Team& team);
  void run_evaluation(Step step, int capacity, Team& team);
  // The outputs go to `y`.
  void run_prediction(Step step, int capacity, float* y, Team& team);

  // Canonical layouts, in the order of parameters().
  using Arrays = std::vector<std::vector<float>>;
  Arrays read_weights() const { return unpack(weights_.floats()); }
  Arrays read_slot(size_t slot);
  // Throws Error SHAPE_MISMATCH, its text beginning with `what`, unless there is an array of the right length for each
  // parameter.
  void check_arrays(const Arrays& arrays, const std::string& what) const;
  void write_weight(size_t parameter, const float* values) {
    parameters_[parameter].pack(values, weights_.floats() + parameters_[parameter].offset);
    ++weights_version_;
  }
  void write_slot(size_t slot, size_t parameter, const float* values);

  Totals empty_totals() const;

  enum class Mode { kPredict, kEvaluate, kTrain };

  // How one mode is computed, and the time that it took.
  struct Explanation {
    int capacity = 0;
    std::vector<Pass> passes;
    size_t arena_bytes = 0;
    size_t scratch_bytes = 0;  // of each worker
    size_t weight_bytes = 0;
    size_t gradient_bytes = 0;
    size_t optimizer_bytes = 0;
    Profile profile;  // without steps unless they were measured
  };
  // Of the plan that ran last, if it is for batches of `capacity` samples (0: of any size); or else of a plan made for
  // this and forgotten. Throws Error NOT_COMPILED for training or evaluation without a loss.
  Explanation explain(Mode mode, int capacity);
  // Measures what runs from now on, starting from nothing, or stops measuring and forgets.
  void measure(bool on);

  std::mutex mutex;
  // Training jobs that run or wait.
  std::atomic<int> training_jobs{0};
  std::atomic<bool> disposed{false};

 private:
  // What is computed, in an order in which it can be: value 0 is the batch as it is read, value i + 1 the output of
  // node i. The last value is the program's.
  struct Node {
    std::unique_ptr<Op> op;
    std::vector<size_t> inputs;  // values
  };

  void add_nodes(const ProgramDescription& description);
  Node make_node(const NodeDescription& node, size_t value, size_t* weight_offset);
  void fuse();
  // How often each value is taken as an input.
  std::vector<size_t> count_uses() const;
  const Shape& shape_of(size_t value) const { return value == 0 ? input_ : nodes_[value - 1].op->out; }
  Plan make_plan(int capacity, Mode mode, BufferId* output);
  void plan_reading(Plan& plan, BufferId value) const;
  void plan_backward(Plan& plan, std::vector<OpBuffers>& buffers, BufferId gradient, size_t end) const;
  Executor& executor(int capacity, Mode mode);
  Arrays unpack(const float* storage) const;

  Shape input_;
  std::string input_name_;
  float scale_ = 1;
  float offset_ = 0;
  std::vector<Node> nodes_;
  size_t output_size_ = 0;
  std::unique_ptr<Loss> loss_;
  bool loss_takes_logits_ = false;  // of the softmax at the end
  std::unique_ptr<Optimizer> optimizer_;
  std::vector<Parameter> parameters_;
  Memory weights_;
  uint64_t weights_version_ = 0;
  Memory gradients_;

  struct Planned {
    std::unique_ptr<Executor> executor;
    BufferId output = kNoBuffer;
  };
  Planned planned_[3];  // by Mode
  bool measures_ = false;
};

}  // namespace convforge
