// Convolutions that follow each other in inference and are computed together, some rows at a time: a depthwise one, and
// 1x1 ones before and behind it. The values between them, which are the largest of such networks, stay in cache.
#pragma once

#include <memory>
#include <vector>

#include "ops/conv2d/conv.h"
#include "ops/op.h"

namespace convforge {

using ConvParts = std::vector<std::unique_ptr<Conv>>;

// Whether `next`, which takes the output of `last`, can be computed together with a chain of `parts` parts, which ends
// with `last`.
bool extends_row_chain(size_t parts, const Conv& last, const Conv& next);

// Plans the parts: together if that saves memory traffic, otherwise one after another. Results are the same.
void plan_row_chain(const ConvParts& parts, Plan& plan, OpBuffers& buffers);

}  // namespace convforge
