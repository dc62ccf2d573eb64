#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "program/description.h"
#include "program/parameter.h"
#include "program/plan.h"

namespace convforge {

// SGD or Adam over all weights at once: they lie in one array, and so do gradients and each slot. Formulas:
// OptimizerDescription in lib/program/description.ts.
class Optimizer {
 public:
  // `floats`: length of the weights. Throws Error INVALID_ARGUMENT, UNSUPPORTED or OUT_OF_MEMORY.
  Optimizer(const OptimizerDescription& description, size_t floats);

  // Adds the stage that updates `weights`, of which these are the parameters, from Step::gradients.
  void plan(Plan& plan, float* weights, const std::vector<Parameter>& parameters) const;

  const std::vector<std::string>& slot_names() const { return slot_names_; }
  float* slot(size_t i) { return slots_[i].floats(); }
  const float* slot(size_t i) const { return slots_[i].floats(); }

  double learning_rate() const { return learning_rate_.load(); }
  // From the next step on. Throws Error INVALID_ARGUMENT.
  void set_learning_rate(double rate);

  // Steps made.
  uint64_t iterations = 0;

 private:
  void update(const Step& s, float* weights, size_t begin, size_t end) const;

  OptimizerDescription description_;
  std::atomic<double> learning_rate_{0};
  std::vector<std::string> slot_names_;
  std::vector<Memory> slots_;
};

}  // namespace convforge
