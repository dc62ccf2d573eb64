// How a program is computed: stages of tasks over buffers in one arena. Ops add buffers and stages to a Plan.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "plan/samples.h"

namespace convforge {

using BufferId = int;
inline constexpr BufferId kNoBuffer = -1;

// Sums over the samples of one batch or of many.
struct Totals {
  double samples = 0;
  double batches = 0;
  double first_non_finite = -1;  // number of the first batch, from 0, whose loss isn't finite; -1: none
  double loss = 0;
  std::vector<double> losses;                // by output that has a loss
  std::vector<std::vector<double>> metrics;  // by metric, output after output: its sums
};

// What a stage knows of the batch that is run.
struct Step {
  int n = 0;  // samples in this batch or shard of it, at most the plan's capacity
  // Of a shard: the samples of the whole batch, and the place of the shard's first one among them. The executor sets
  // these.
  int batch = 0;
  int batch_begin = 0;
  bool training = false;
  uint64_t seed = 0;       // seed of random ops
  uint64_t iteration = 0;  // training steps made before this one; outside training, the number of the batch in the run
  const Samples* const* x = nullptr;               // by input
  const Samples* const* y = nullptr;               // by output that has a loss
  const Samples* const* sample_weights = nullptr;  // by output that has a loss; null if all samples weigh 1
  const uint32_t* order = nullptr;  // the numbers of the batch's samples; null: `first` and those after it
  size_t first = 0;
  const float* weights = nullptr;
  uint64_t weights_version = 0;  // changes whenever the weights change
  float* gradients = nullptr;
  float* state = nullptr;  // the weights, for ops that update statistics in them; null if they must not change
  Totals* totals = nullptr;
  // Not null once the results are of no use: tasks that change no state are then left out, and the run ends with
  // Interrupted.
  const std::atomic<const char*>* cancelled = nullptr;
  bool stop_at_non_finite = false;  // whether to keep the weights once a loss in `totals` isn't finite
  uint8_t* arena = nullptr;
  const size_t* offsets = nullptr;

  size_t sample(int i) const { return order ? order[i] : first + static_cast<size_t>(i); }
  float* at(BufferId id) const { return reinterpret_cast<float*>(arena + offsets[id]); }
  bool is_cancelled() const { return cancelled && cancelled->load(std::memory_order_relaxed); }
  // Whether the optimizer must skip this step.
  bool skips_update() const { return stop_at_non_finite && totals->first_non_finite >= 0; }
};

// Ends the run of a step that was cancelled. The state is as it was before.
struct Interrupted {};

// How one pass of an op is computed, for explain(). A stage belongs to the last pass that began before it.
struct Pass {
  struct Declined {
    std::string algorithm;
    std::string reason;
  };
  std::string node = {};
  std::string kind = {};  // "forward", "kernel gradient"...
  std::string algorithm = {};
  std::vector<Declined> declined = {};  // algorithms that come first in the list, and why each declined
  std::string fused = {};               // what the pass does besides: "bias, relu"
  double flops = 0;                     // per sample, as many as the direct algorithm needs
  double bytes = 0;                     // memory-bound passes: bytes read and written per sample
  double step_bytes = 0;                // memory-bound passes: further bytes per step
  size_t workspace = 0;                 // bytes of the pass's own buffers
  size_t scratch = 0;                   // bytes of scratch per worker
};

struct Stage {
  // The number of tasks. It must depend on shapes and the batch's size only.
  std::function<size_t(const Step&)> tasks;
  // Runs one task. `scratch` is the worker's own memory.
  std::function<void(const Step&, size_t task, float* scratch)> run;
  size_t pass = 0;
  bool on_new_weights = false;  // runs only if the weights have changed since the plan's last run
  bool updates = false;         // belongs to the optimizer
  bool changes_state = false;   // changes weights or the optimizer's slots, as all stages after it
  // In a plan for shards: what the executor does instead of running tasks.
  enum class Sum { kNone, kBuffer, kGradients, kTotals } sum = Sum::kNone;
  BufferId summed = kNoBuffer;   // kBuffer: this buffer's doubles are summed
  size_t sum_begin = 0;          // kGradients: the first float
  size_t sum_count = 0;          // doubles or floats
  bool of_batch = false;         // runs once for the whole batch, after all sums, with the first shard's buffers
  bool without_samples = false;  // runs also for a shard that has no samples
};

// A buffer lives from the first stage that uses it to the last, and the arena overlaps buffers that don't live at the
// same time. Batches up to `capacity` samples fit.
class Plan {
 public:
  // With `shards`, a batch is computed in parts. Each part runs all stages in memory of its own, up to join_shards().
  // The capacity is that of a part.
  explicit Plan(int capacity, bool shards = false) : capacity_(capacity), shards_(shards), passes_(1) {}

  bool has_shards() const { return shards_; }
  // The largest number of samples that a stage sees.
  int capacity() const { return capacity_ * batch_multiplier_; }
  // From here on, stages see `multiplier` samples for each sample of the batch, and Step::n counts these.
  void set_batch_multiplier(int64_t multiplier);

  // A buffer of floats: `per_sample` for each sample, and `fixed` more.
  BufferId buffer(size_t per_sample, size_t fixed = 0);
  // Excludes all other algorithms of convolutions but the last of each pass, which never declines. For measurements.
  void only_algorithm(std::string name) { only_algorithm_ = std::move(name); }
  bool allows_algorithm(const std::string& name) const { return only_algorithm_.empty() || name == only_algorithm_; }
  // Begins a pass, which the following stages belong to.
  void pass(Pass pass);
  // A buffer that belongs to the pass.
  BufferId workspace(size_t per_sample, size_t fixed = 0);
  // A workspace that keeps its contents from run to run.
  BufferId lasting_workspace(size_t floats);
  // Adds a stage that reads or writes these buffers. kNoBuffer is ignored.
  void stage(std::vector<BufferId> uses, std::function<size_t(const Step&)> tasks,
             std::function<void(const Step&, size_t, float*)> run);
  // Adds a stage that fills lasting workspaces from the weights. It is skipped while the weights are those of the last
  // run. Buffers that only weights stages use needn't last.
  void weights_stage(std::vector<BufferId> uses, std::function<size_t(const Step&)> tasks,
                     std::function<void(const Step&, size_t, float*)> run);
  // Adds a stage that changes statistics among the weights. It runs when begin_update() is called, after all stages
  // that may end early. It must do nothing where Step::state is null.
  void statistics_stage(std::vector<BufferId> uses, std::function<size_t(const Step&)> tasks,
                        std::function<void(const Step&, size_t, float*)> run);
  // From here on, passes compute again what a pass before has computed. Their stages must not change the state, and
  // keep nothing from run to run.
  void set_recomputing(bool recomputing) { recomputes_ = recomputing; }
  // Adds the statistics stages. The following stages belong to the optimizer, and are skipped where
  // Step::skips_update(). Must be called once in a plan with training.
  void begin_update();
  // In a plan for shards: sums the first doubles of a buffer over the shards. Each shard gets the total. The next stage
  // runs also for a shard that has no samples, so that it knows what the others do.
  void sum_over_shards(BufferId buffer, size_t doubles);
  // In a plan for shards: sums gradients over the shards, into Step::gradients.
  void sum_gradients(size_t begin, size_t floats);
  // In a plan for shards: adds the totals of all shards to those of the step. The following stages run once for the
  // whole batch.
  void join_shards();
  // Gives each worker at least this many floats of scratch.
  void need_scratch(size_t floats);

  // Assigns memory. Must be called once, after the last stage. Buffers in `results` live until the end of the step.
  void finish(const std::vector<BufferId>& results);

  size_t buffer_count() const { return buffers_.size(); }
  size_t bytes_of(BufferId id) const { return buffers_[static_cast<size_t>(id)].bytes; }
  // Whether this stage or a later one uses the buffer so far.
  bool is_used_from(BufferId id, size_t stage) const {
    return buffers_[static_cast<size_t>(id)].last_stage >= static_cast<int>(stage);
  }

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

  Stage& add_sum(Stage::Sum sum, std::vector<BufferId> uses);

  int capacity_;
  bool shards_;
  int batch_multiplier_ = 1;
  std::string only_algorithm_;
  std::vector<Pass> passes_;
  std::vector<Buffer> buffers_;
  std::vector<Stage> stages_;
  // Statistics stages that wait for begin_update().
  struct Deferred {
    std::vector<BufferId> uses;
    std::function<size_t(const Step&)> tasks;
    std::function<void(const Step&, size_t, float*)> run;
    size_t pass = 0;
  };
  std::vector<Deferred> statistics_;
  bool recomputes_ = false;
  bool changes_state_ = false;
  bool updates_ = false;
  bool joined_ = false;
  bool follows_sum_ = false;
  std::vector<size_t> offsets_;
  size_t arena_bytes_ = 0;
  size_t scratch_floats_ = 0;
};

}  // namespace convforge
