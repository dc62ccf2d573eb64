// Scaling and shifting of images.
#pragma once

#include <cstddef>

namespace convforge {

// Of element i, y = x * scale + offsets[i % period], limited to [low, high]; y may be x. Backwards, dx = dy where that
// wasn't limited, else 0.
struct Tone {
  float scale = 1.0f;
  const float* offsets = nullptr;
  size_t period = 1;
  float low = -__builtin_inff();
  float high = __builtin_inff();
};

}  // namespace convforge
