// How a program is to be computed: stages of tasks over buffers in one arena. Ops add buffers and stages to a Plan.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "plan/samples.h"

namespace convforge {

using BufferId = int;
inline constexpr BufferId kNoBuffer = -1;

// Sums over the samples of one batch or of many.
struct Totals {
  double samples = 0;
  double batches = 0;
  double first_non_finite = -1;  // the first batch, from 0, whose loss is no finite number; -1: none
  double loss = 0;
  std::vector<double> losses;                // of each output that has one
  std::vector<std::vector<double>> metrics;  // what each of them counts
};

// What a stage sees of the batch being run.
struct Step {
  int n = 0;  // samples in this batch, at most the plan's capacity
  bool training = false;
  uint64_t seed = 0;                               // of dropout
  uint64_t iteration = 0;                          // training steps made before this one; elsewhere batches of the run
  const Samples* const* x = nullptr;               // of each input
  const Samples* const* y = nullptr;               // of each output that has a loss,
  const Samples* const* sample_weights = nullptr;  // as are these; null if all samples weigh 1
  const uint32_t* order = nullptr;                 // the batch's samples, or null: `first` and those after it
  size_t first = 0;
  const float* weights = nullptr;
  uint64_t weights_version = 0;  // changes whenever the weights do
  float* gradients = nullptr;
  float* state = nullptr;  // the weights, for ops that keep statistics in them; null where nothing is to change
  Totals* totals = nullptr;
  bool stop_at_non_finite = false;  // whether weights stay as they are once a loss in `totals` is no finite number
  uint8_t* arena = nullptr;
  const size_t* offsets = nullptr;

  size_t sample(int i) const { return order ? order[i] : first + static_cast<size_t>(i); }
  float* at(BufferId id) const { return reinterpret_cast<float*>(arena + offsets[id]); }
  // Whether the optimizer leaves this step out.
  bool held() const { return stop_at_non_finite && totals->first_non_finite >= 0; }
};

// How one pass of an op is computed: for explain(). Stages belong to the pass that was begun last before them.
struct Pass {
  struct Declined {
    std::string algorithm;
    std::string reason;
  };
  std::string node = {};
  std::string kind = {};  // "forward", "kernel gradient"...
  std::string algorithm = {};
  std::vector<Declined> declined = {};  // what would have gone first, and why it didn't
  std::string fused = {};               // what is done in the same pass, "bias, relu"
  double flops = 0;                     // a sample, counted densely: what a direct computation takes
  double bytes = 0;                     // where memory is the limit: read and written for a sample...
  double step_bytes = 0;                // ...and for a step besides
  size_t workspace = 0;                 // bytes of the pass's own buffers...
  size_t scratch = 0;                   // ...and of each worker's memory for one task
};

struct Stage {
  // How many tasks there are: a function of shapes and the batch's size only.
  std::function<size_t(const Step&)> tasks;
  // Runs one; `scratch` is the worker's own memory.
  std::function<void(const Step&, size_t task, float* scratch)> run;
  size_t pass = 0;
  bool on_new_weights = false;  // needed only where the weights have changed since the plan ran last
  bool updates = false;         // of the optimizer
};

// Buffers live from the first stage that uses them to the last; the arena holds what lives at once. All batches up to
// `capacity` samples fit.
class Plan {
 public:
  explicit Plan(int capacity) : capacity_(capacity), passes_(1) {}

  // Samples that what is planned has at most.
  int capacity() const { return capacity_ * folds_; }
  // What follows is computed for so many samples for each of the batch's. Its stages see a Step of as many.
  void fold(int64_t folds);

  // A buffer of floats: so many for each sample, and so many more.
  BufferId buffer(size_t per_sample, size_t fixed = 0);
  // Begins a pass.
  void pass(Pass pass);
  // A buffer of the pass's own.
  BufferId workspace(size_t per_sample, size_t fixed = 0);
  // The same, which keeps its contents from run to run.
  BufferId lasting_workspace(size_t floats);
  // Adds a stage that reads or writes these buffers (kNoBuffer is let pass).
  void stage(std::vector<BufferId> uses, std::function<size_t(const Step&)> tasks,
             std::function<void(const Step&, size_t, float*)> run);
  // The same, to be left out while the weights are those of the last run: fills a lasting buffer from them.
  void weights_stage(BufferId lasting, std::function<size_t(const Step&)> tasks,
                     std::function<void(const Step&, size_t, float*)> run);
  // What follows is the optimizer's: left out where the step is held.
  void begin_update() { updates_ = true; }
  // Each worker has at least so many floats of scratch.
  void need_scratch(size_t floats);

  // Assigns memory; call once, after the last stage. Buffers in `results` stay until the end of the step.
  void finish(const std::vector<BufferId>& results);

  const std::vector<Stage>& stages() const { return stages_; }
  const std::vector<Pass>& passes() const { return passes_; }
  const std::vector<size_t>& offsets() const { return offsets_; }
  size_t arena_bytes() const { return arena_bytes_; }
  size_t scratch_floats() const { return scratch_floats_; }

 private:
  struct Buffer {
    size_t bytes = 0;
    int first_stage = -1;
    int last_stage = -1;
    bool lasting = false;
  };

  int capacity_;
  int folds_ = 1;
  std::vector<Pass> passes_;
  std::vector<Buffer> buffers_;
  std::vector<Stage> stages_;
  bool updates_ = false;
  std::vector<size_t> offsets_;
  size_t arena_bytes_ = 0;
  size_t scratch_floats_ = 0;
};

}  // namespace convforge
