#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kernels/types.h"
#include "plan/description.h"

namespace convforge {

// An array that an optimizer keeps beside the weights.
struct Slot {
  std::string name;
  float initial = 0.0f;
};

// An optimizer's elementwise update. Formulas: OptimizerDescription in lib/program/description.ts.
class UpdateRule {
 public:
  virtual ~UpdateRule() = default;

  // In the order of WeightPiece::slots. A slot without a name isn't kept, and its pointer is null.
  const std::vector<Slot>& slots() const { return slots_; }
  // Computes what depends on the step alone: on its learning rate and its number t, from 1.
  virtual void begin(double rate, double t) = 0;
  virtual void update(const WeightPiece& piece) const = 0;

 protected:
  std::vector<Slot> slots_;
};

// Throws Error INVALID_ARGUMENT or UNSUPPORTED.
std::unique_ptr<UpdateRule> make_update_rule(const OptimizerDescription& description);

// Throws Error INVALID_ARGUMENT unless `value` is finite, at least 0 and below `below`.
void check_range(const char* name, double value, double below);

}  // namespace convforge
