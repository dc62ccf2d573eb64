#pragma once

#include <cstdint>
#include <functional>

#include "plan/description.h"

namespace convforge {

// The learning rate as a function of the training steps made so far. Formulas: ScheduleDescription in
// lib/program/description.ts.
class Schedule {
 public:
  // Throws Error INVALID_ARGUMENT or UNSUPPORTED.
  explicit Schedule(const ScheduleDescription& description);

  double at(uint64_t step) const { return formula_(static_cast<double>(step)); }

 private:
  std::function<double(double step)> formula_;
};

}  // namespace convforge
