#pragma once

#include <functional>
#include <string>
#include <vector>

#include "plan/parameter.h"
#include "plan/plan.h"

namespace convforge {

// Adds the stages that project the weights onto their constraints, on the steps for which `applies` returns true.
// Meaning: ConstraintDescription in lib/program/description.ts.
void plan_constraints(Plan& plan, float* weights, const std::vector<Parameter>& parameters,
                      const std::function<bool()>& applies);

// Throws Error INVALID_ARGUMENT or UNSUPPORTED, citing the parameter, if its constraint can't be applied.
void check_constraint(const Parameter& parameter, const std::string& layer);

}  // namespace convforge
