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

// An optimizer of all weights at once. Weights are one array, and so are gradients and each slot. Meaning:
// OptimizerDescription in lib/program/description.ts.
class Optimizer {
 public:
  // `floats` is the length of the weights. Throws Error INVALID_ARGUMENT, UNSUPPORTED or OUT_OF_MEMORY.
  Optimizer(const OptimizerDescription& description, size_t floats);

  // Adds the stages that update `weights` from Step::gradients, which they may change. `parameters` describes the
  // weights.
  void plan(Plan& plan, float* weights, const std::vector<Parameter>& parameters) const;
  // Must be called before and after each run of these stages. begin_step() computes what depends on the step's number
  // and the learning rate; end_step() counts the step.
  void begin_step();
  void end_step() { ++iterations; }

  const std::vector<std::string>& slot_names() const { return slot_names_; }
  float* slot(size_t i) {
    fill_slots();
    return slots_[i].floats();
  }

  // Takes effect from the next step on. Replaces a schedule, if any. Throws Error INVALID_ARGUMENT.
  void set_learning_rate(double rate);

  // Steps made, with or without an update. May be read at any time.
  std::atomic<uint64_t> iterations{0};

 private:
  using Pieces = std::shared_ptr<const std::vector<Piece>>;

  size_t add_slot(const Slot& slot, size_t floats);
  // Gives slots their first values, once: on first use, since the constructor runs on JavaScript's thread.
  void fill_slots();
  double learning_rate() const;
  void plan_accumulation(Plan& plan, const Pieces& pieces) const;
  BufferId plan_clipping(Plan& plan, const Pieces& pieces) const;
  void accumulate(const Step& s, const Piece& piece) const;
  void update(const Step& s, const Piece& piece, float* weights, float factor) const;

  OptimizerDescription description_;
  std::unique_ptr<UpdateRule> rule_;
  std::optional<Schedule> schedule_;
  std::atomic<double> learning_rate_{0};  // NaN: the schedule decides
  std::vector<std::string> slot_names_;
  std::vector<Memory> slots_;
  std::vector<float> initial_values_;  // by slot; none once the slots have them
  // Indices into slots_; those of the rule are in the rule's order.
  std::vector<std::optional<size_t>> rule_slots_;
  std::optional<size_t> accumulated_;
  std::optional<size_t> average_;

  // State of the current step.
  bool updates_ = true;
  bool first_update_ = false;
  bool overwrites_ = false;
  float decay_ = 0.0f;
};

}  // namespace convforge
