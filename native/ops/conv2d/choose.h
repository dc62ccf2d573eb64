#pragma once

#include <utility>

#include "ops/conv2d/conv.h"
#include "plan/plan.h"

namespace convforge {

// Begins `pass` of a convolution with the first of its algorithms that doesn't decline. The last one never declines.
template <typename Algorithm, size_t kCount>
const Algorithm& choose(const Algorithm* const (&algorithms)[kCount], const Conv& conv, Pass pass, Plan& plan) {
  pass.node = conv.name;
  pass.flops = conv.flops();
  size_t i = 0;
  for (; i + 1 < kCount; ++i) {
    std::string reason =
        plan.allows_algorithm(algorithms[i]->name) ? algorithms[i]->decline(conv) : "the plan asks for another one";
    if (reason.empty()) break;
    pass.declined.push_back({algorithms[i]->name, std::move(reason)});
  }
  pass.algorithm = algorithms[i]->name;
  plan.pass(std::move(pass));
  return *algorithms[i];
}

}  // namespace convforge
