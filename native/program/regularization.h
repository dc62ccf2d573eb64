#pragma once

#include <vector>

#include "plan/parameter.h"
#include "plan/plan.h"

namespace convforge {

// Adds the stages that add the regularizers' loss to Step::totals and, in training, their gradient to Step::gradients.
// Adds none if no parameter has a regularizer. Formulas: ParameterDescription in lib/program/description.ts.
void plan_regularization(Plan& plan, const float* weights, const std::vector<Parameter>& parameters, bool training);

// Throws Error INVALID_ARGUMENT, citing the parameter, if its regularizer is out of range.
void check_regularizer(const Parameter& parameter, const std::string& layer);

}  // namespace convforge
