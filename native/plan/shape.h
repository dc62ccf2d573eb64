#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace convforge {

// Without the batch dimension, unless said otherwise.
using Shape = std::vector<int64_t>;

// No tensor of a program has more elements than this, so that 32-bit offsets within one sample can't overflow.
inline constexpr int64_t kMaxElements = (int64_t{1} << 31) - 1;

// The product of the dimensions; `what` and `layer` are for the error. Throws Error TOO_LARGE or SHAPE_MISMATCH (a
// dimension < 1).
int64_t checked_size(const Shape& shape, const std::string& what, const std::string& layer);

// "[4, 4, 64]".
std::string to_string(const Shape& shape);

}  // namespace convforge
