// Runs plans.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "plan/plan.h"
#include "program/shard_run.h"
#include "program/shards.h"
#include "runtime/memory.h"
#include "runtime/parallel.h"

namespace convforge {

// The times that an Executor has measured.
struct Profile {
  size_t steps = 0;
  size_t samples = 0;
  double seconds = 0;           // seconds of whole steps
  std::vector<double> by_pass;  // seconds, in the order of Plan::passes()
};

// Runs a plan in its own memory. Allocates in the constructor, in divide(), and when a team is larger than any before.
class Executor {
 public:
  explicit Executor(Plan plan);

  int capacity() const { return plan_.capacity(); }
  // Must be called before a plan for shards runs. Allocates only if they differ from those of the last call.
  void divide(const Shards& shards, size_t gradient_floats);
  const Plan& plan() const { return plan_; }

  // Stages that change the state run under its lock. Before them, other work may go ahead between two stages
  // (Team::pause), and the run may end by an exception, which leaves the state as it was. Throws Interrupted.
  // With a collective, nothing goes ahead and nothing but the collective's failure or a vote ends the run early.
  void run(Step step, Team& team, std::mutex& state, StepVotes* votes = nullptr);
  // Starts measuring runs, from zero, or stops it.
  void measure(bool on);
  const Profile& profile() const { return profile_; }
  // A buffer that is a result of the plan. Call it after run().
  const float* result(BufferId id) const {
    return reinterpret_cast<const float*>(arena_.data() + plan_.offsets()[static_cast<size_t>(id)]);
  }

 private:
  void run_stage(const Stage& stage, const Step& step, Team& team);
  template <typename AfterStage>
  void run_stages(Step& step, Team& team, std::mutex& state, bool new_weights, AfterStage&& after_stage);
  void run_measured(Step& step, Team& team, std::mutex& state, bool new_weights);

  Plan plan_;
  Memory arena_;
  std::unique_ptr<ShardRun> shards_;  // null unless the plan is for shards
  Memory scratch_;
  int workers_ = 0;
  uint64_t weights_version_ = ~uint64_t{0};
  bool measures_ = false;
  Profile profile_;
};

}  // namespace convforge
