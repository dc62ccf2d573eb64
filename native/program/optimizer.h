#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plan/description.h"
#include "plan/parameter.h"
#include "plan/plan.h"
#include "program/pieces.h"
#include "program/schedule.h"
#include "program/update_rules.h"

namespace convforge {

// An optimizer over all weights at once: they lie in one array, and so do gradients and each slot. Meaning:
// OptimizerDescription in lib/program/description.ts.
class Optimizer {
 public:
  // `floats`: length of the weights. Throws Error INVALID_ARGUMENT, UNSUPPORTED or OUT_OF_MEMORY.
  Optimizer(const OptimizerDescription& description, size_t floats);

  // Adds the stages that update `weights`, of which these are the parameters, from Step::gradients, which they change.
  void plan(Plan& plan, float* weights, const std::vector<Parameter>& parameters) const;
  // Around each run of a plan with them: settles what the step's number and the learning rate say; counts the step.
  void begin_step();
  void end_step() { ++iterations; }

  const std::vector<std::string>& slot_names() const { return slot_names_; }
  float* slot(size_t i) { return slots_[i].floats(); }
  const float* slot(size_t i) const { return slots_[i].floats(); }

  // From the next step on, instead of a schedule too. Throws Error INVALID_ARGUMENT.
  void set_learning_rate(double rate);

  // Steps made, those without an update too. May be read at any time.
  std::atomic<uint64_t> iterations{0};

 private:
  using Pieces = std::shared_ptr<const std::vector<Piece>>;

  size_t add_slot(const Slot& slot, size_t floats);
  double learning_rate() const;
  void plan_accumulation(Plan& plan, const Pieces& pieces) const;
  BufferId plan_clipping(Plan& plan, const Pieces& pieces) const;
  void accumulate(const Step& s, const Piece& piece) const;
  void update(const Step& s, const Piece& piece, float* weights, float factor) const;

  OptimizerDescription description_;
  std::unique_ptr<UpdateRule> rule_;
  std::optional<Schedule> schedule_;
  std::atomic<double> learning_rate_{0};  // NaN: the schedule's
  std::vector<std::string> slot_names_;
  std::vector<Memory> slots_;
  // Where its arrays stand among the slots, the rule's in its own order.
  std::vector<std::optional<size_t>> rule_slots_;
  std::optional<size_t> accumulated_;
  std::optional<size_t> average_;

  // The step under way.
  bool updates_ = true;
  bool first_update_ = false;
  bool overwrites_ = false;
  float decay_ = 0.0f;
};

}  // namespace convforge
