// How a program runs: stages of tasks over buffers in one arena. Ops add buffers and stages to a Plan; an Executor runs
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "runtime/memory.h"
#include "runtime/parallel.h"

namespace convforge {

using BufferId = int;
inline constexpr BufferId kNoBuffer = -1;

class Samples;

// Sums over the samples of one batch or of many.
struct Totals {
  double samples = 0;
  double batches = 0;
  double loss = 0;
  std::vector<double> metrics;
};

// What a stage sees of the batch being run.
struct Step {
  int n = 0;  // samples in this batch, at most the plan's capacity
  bool training = false;
  uint64_t seed = 0;       // of dropout
  uint64_t iteration = 0;  // training steps made before this one
  const Samples* x = nullptr;
  const Samples* y = nullptr;
  const uint32_t* order = nullptr;  // the batch's samples, or null: `first` and those after it
  size_t first = 0;
  const float* weights = nullptr;
  float* gradients = nullptr;
  Totals* totals = nullptr;
  uint8_t* arena = nullptr;
  const size_t* offsets = nullptr;

  size_t sample(int i) const { return order ? order[i] : first + static_cast<size_t>(i); }
  float* at(BufferId id) const { return reinterpret_cast<float*>(arena + offsets[id]); }
};

struct Stage {
  // How many tasks there are: a function of shapes and the batch's size only.
  std::function<size_t(const Step&)> tasks;
  // Runs one; `scratch` is the worker's own memory.
  std::function<void(const Step&, size_t task, float* scratch)> run;
};

// Buffers live from the first stage that uses them to the last; the arena holds what lives at once. All batches up to
// `capacity` samples fit.
class Plan {
 public:
  explicit Plan(int capacity) : capacity_(capacity) {}

  int capacity() const { return capacity_; }

  // A buffer of floats: so many for each sample, and so many more.
  BufferId buffer(size_t per_sample, size_t fixed = 0);
  // Adds a stage that reads or writes these buffers (kNoBuffer is let pass).
  void stage(std::vector<BufferId> uses, std::function<size_t(const Step&)> tasks,
             std::function<void(const Step&, size_t, float*)> run);
  // Each worker has at least so many floats of scratch.
  void need_scratch(size_t floats);

  // Assigns memory; call once, after the last stage. Buffers in `results` stay until the end of the step.
  void finish(const std::vector<BufferId>& results);

  const std::vector<Stage>& stages() const { return stages_; }
  const std::vector<size_t>& offsets() const { return offsets_; }
  size_t arena_bytes() const { return arena_bytes_; }
  size_t scratch_floats() const { return scratch_floats_; }

 private:
  struct Buffer {
    size_t bytes = 0;
    int first_stage = -1;
    int last_stage = -1;
  };

  int capacity_;
  std::vector<Buffer> buffers_;
  std::vector<Stage> stages_;
  std::vector<size_t> offsets_;
  size_t arena_bytes_ = 0;
  size_t scratch_floats_ = 0;
};

// Runs a plan over memory of its own. Allocates when it is made, and when a team is larger than any before.
class Executor {
 public:
  explicit Executor(Plan plan) : plan_(std::move(plan)), arena_(plan_.arena_bytes()) {}

  int capacity() const { return plan_.capacity(); }
  size_t bytes() const { return arena_.bytes() + scratch_.bytes(); }

  void run(Step step, Team& team);
  // A buffer that was a result of the plan, after run().
  const float* result(BufferId id) const {
    return reinterpret_cast<const float*>(arena_.data() + plan_.offsets()[static_cast<size_t>(id)]);
  }

 private:
  Plan plan_;
  Memory arena_;
  Memory scratch_;
  int workers_ = 0;
};

}  // namespace convforge
