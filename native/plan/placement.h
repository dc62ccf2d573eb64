// Places buffers in one arena.
#pragma once

#include <cstddef>
#include <vector>

namespace convforge {

// A buffer that takes `bytes` from stage `first` to stage `last`, both included.
struct Life {
  size_t bytes = 0;
  size_t first = 0;
  size_t last = 0;
};

struct Placement {
  std::vector<size_t> offsets;  // by buffer
  size_t bytes = 0;             // of the arena
  size_t work = 0;              // ranges of memory that were looked at or changed
};

// Gives buffers that live at the same time separate memory. The largest buffers come first, each at the lowest offset
// that is free during its whole life.
Placement place_buffers(const std::vector<Life>& lives);

}  // namespace convforge
