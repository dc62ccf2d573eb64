// Batch normalization folded into a convolution, for inference.
#pragma once

#include "ops/conv2d/conv.h"
#include "ops/op.h"

namespace convforge {

// Plans the computation of buffers.kernel and buffers.bias from the weights: scale * (x * w + b) + offset is
// x * (scale * w) + (scale * b + offset). `lasts`: whether the forward pass itself reads the kernel, rather than
// weights stages alone.
void plan_folded_kernel(const Conv& conv, Plan& plan, OpBuffers& buffers, bool lasts);

}  // namespace convforge
