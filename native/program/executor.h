// Runs plans.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "plan/plan.h"
#include "runtime/memory.h"
#include "runtime/parallel.h"

namespace convforge {

// What an Executor has measured.
struct Profile {
  size_t steps = 0;
  size_t samples = 0;
  double seconds = 0;           // of whole steps
  std::vector<double> by_pass;  // seconds, as Plan::passes()
};

// Runs a plan over memory of its own. Allocates when it is made, and when a team is larger than any before.
class Executor {
 public:
  explicit Executor(Plan plan);

  int capacity() const { return plan_.capacity(); }
  const Plan& plan() const { return plan_; }

  void run(Step step, Team& team);
  // Measures the runs from now on, starting from nothing, or none.
  void measure(bool on);
  const Profile& profile() const { return profile_; }
  // A buffer that was a result of the plan, after run().
  const float* result(BufferId id) const {
    return reinterpret_cast<const float*>(arena_.data() + plan_.offsets()[static_cast<size_t>(id)]);
  }

 private:
  void run_stage(const Stage& stage, const Step& step, Team& team);
  void run_measured(const Step& step, Team& team, bool new_weights);

  Plan plan_;
  Memory arena_;
  Memory scratch_;
  int workers_ = 0;
  uint64_t weights_version_ = ~uint64_t{0};
  bool measures_ = false;
  Profile profile_;
};

}  // namespace convforge
