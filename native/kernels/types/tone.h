// Scaling and shifting of images.
#pragma once

#include <cstddef>

namespace convforge {

// y[i] = x[i] * scale + offsets[i % period], clipped to [low, high]. y may be x. Backward, dx = dy where y wasn't
// clipped, else 0.
struct Tone {
  float scale = 1.0f;
  const float* offsets = nullptr;
  size_t period = 1;
  float low = -__builtin_inff();
  float high = __builtin_inff();
};

}  // namespace convforge
