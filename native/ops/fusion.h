#pragma once

#include <optional>

#include "kernels/types.h"
#include "ops/window.h"
#include "plan/plan.h"

namespace convforge {

struct Conv;

// The function of logits that a value is.
enum class LogitsOf { kNothing, kSoftmax, kSigmoid };

// x * scale + offset.
struct Affine {
  float scale = 1;
  float offset = 0;

  bool is_identity() const { return scale == 1 && offset == 0; }
};

// A linear function of each channel whose coefficients follow from the weights: y = scale * x + offset.
class ChannelScaling {
 public:
  struct Coefficients {
    double scale;
    double offset;
  };

  virtual ~ChannelScaling() = default;
  virtual Coefficients of_channel(const Step& s, size_t channel) const = 0;
};

// What an op computes, if a neighbour may compute it in its own pass instead. At most one member is set, but an
// activation may follow a scaling.
struct Fusion {
  // For the op before: an activation whose gradient can be computed from its output. It is monotonically increasing, so
  // max-pooling may go first.
  std::optional<Activation> activation = {};
  // For the op before: max-pooling over windows that tile the input.
  std::optional<Window> max_pooling = {};
  // For the op before, in inference alone. The op that owns it outlives every plan.
  const ChannelScaling* scaling = nullptr;
  // For the op before, in inference alone: a convolution, with what it has absorbed. The op that owns it outlives every
  // plan.
  const Conv* convolution = nullptr;
  // Done while a batch is read.
  std::optional<Affine> rescaling = {};
};

}  // namespace convforge
