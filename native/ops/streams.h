#pragma once

#include <cstddef>

#include "runtime/memory.h"

namespace convforge {

// Whether to write an output with non-temporal stores: it is so large that it wouldn't stay in cache until it is read
// again, and its rows of channels are whole cache lines.
inline bool streams(size_t images, size_t image_floats, int channels) {
  constexpr size_t kStreamedBytes = size_t{16} << 20;
  return channels % static_cast<int>(kLineFloats) == 0 && images * image_floats * sizeof(float) >= kStreamedBytes;
}

}  // namespace convforge
