// Runs the stages of a plan for each shard of a batch, and folds what the shards share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "plan/plan.h"
#include "program/shards.h"
#include "runtime/memory.h"
#include "runtime/parallel.h"

namespace convforge {

// The shards that this process computes. Each has memory of its own for values and gradients; the first one's gradients
// are the state's.
class ShardRun {
 public:
  // `arena_bytes`: what a shard needs. Throws Error TOO_LARGE or OUT_OF_MEMORY.
  ShardRun(const Shards& shards, size_t arena_bytes, size_t gradient_floats);

  const Shards& shards() const { return shards_; }
  bool is_collective() const { return shards_.collective != nullptr; }
  // The memory of the first shard here. What all shards agree on, stages of the whole batch find there.
  uint8_t* arena() const { return lanes_[0].arena.data(); }

  // Divides a batch. Votes for leaving if it is cancelled already. `votes` must last until the step's end.
  void begin(const Step& batch, StepVotes* votes);
  // Runs a stage that isn't of the whole batch. `scratch` has `scratch_floats` for each worker.
  void run(const Stage& stage, Team& team, float* scratch, size_t scratch_floats);

 private:
  struct Lane {
    Memory arena;
    Memory gradients;  // none for the first shard
    Totals totals;
    std::vector<double> sums;  // the totals as one array
    Step step;
    size_t end_task = 0;  // in the current stage, counted over all lanes
  };

  void run_tasks(const Stage& stage, Team& team, float* scratch, size_t scratch_floats);
  void sum_buffer(const Stage& stage);
  void sum_gradients(const Stage& stage, Team& team);
  void sum_totals();
  // Folds `count` doubles of each lane. All lanes get the total.
  template <typename Values>
  void fold_doubles(size_t count, Values values);
  // Folds floats of each lane, this process's part of them.
  template <typename Values>
  const convforge_part* parts(Values values);
  void await_votes();

  Shards shards_;
  ShardFold fold_;
  std::vector<Lane> lanes_;
  Step batch_;
  StepVotes* votes_ = nullptr;
  bool voted_ = false;
  std::vector<convforge_part> parts_;
  std::vector<uint64_t> tickets_;  // sums of gradients that are under way
};

}  // namespace convforge
