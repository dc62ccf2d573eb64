#pragma once

#include <optional>

#include "kernels/types.h"
#include "ops/window.h"

namespace convforge {

// Which function of logits a value is.
enum class LogitsOf { kNothing, kSoftmax, kSigmoid };

// x * scale + offset.
struct Affine {
  float scale = 1;
  float offset = 0;

  bool is_identity() const { return scale == 1 && offset == 0; }
};

// What an op computes, told to its neighbours, which may compute it in their own pass. At most one member is set.
struct Fusion {
  // For the op before it. The gradient follows from the output, and the activation rises monotonically, so that
  // max-pooling may go first.
  std::optional<Activation> activation = {};
  // For the op before it: max-pooling over windows that tile the input.
  std::optional<Window> max_pooling = {};
  // For the reading of a batch.
  std::optional<Affine> rescaling = {};
};

}  // namespace convforge
