#pragma once

#include <functional>
#include <string>
#include <vector>

#include "plan/parameter.h"
#include "plan/plan.h"

namespace convforge {

// Adds the stages that bring the weights within their constraints, to be run on the steps on which `applies` holds.
// Meaning: ConstraintDescription in lib/program/description.ts.
void plan_constraints(Plan& plan, float* weights, const std::vector<Parameter>& parameters,
                      const std::function<bool()>& applies);

// Throws Error INVALID_ARGUMENT or UNSUPPORTED, naming the parameter, for what can't be applied.
void check_constraint(const Parameter& parameter, const std::string& layer);

}  // namespace convforge
