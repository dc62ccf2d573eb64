#pragma once

#include <vector>

#include "plan/parameter.h"
#include "plan/plan.h"

namespace convforge {

// Adds the stages that add the regularizers' loss of these weights to Step::totals and, in training, their gradient to
// Step::gradients. None where no parameter has one. Formulas: ParameterDescription in lib/program/description.ts.
void plan_regularization(Plan& plan, const float* weights, const std::vector<Parameter>& parameters, bool training);

// Throws Error INVALID_ARGUMENT, naming the parameter, for what can't be added.
void check_regularizer(const Parameter& parameter, const std::string& layer);

}  // namespace convforge
