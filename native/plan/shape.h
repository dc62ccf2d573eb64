#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace convforge {

// A shape without the batch dimension, unless said otherwise.
using Shape = std::vector<int64_t>;

// The largest number of elements of a tensor, so that 32-bit offsets within one sample can't overflow.
inline constexpr int64_t kMaxElements = (int64_t{1} << 31) - 1;

// The product of the dimensions. Throws Error SHAPE_MISMATCH (a dimension < 1) or TOO_LARGE, whose message cites `what`
// and `layer`.
int64_t checked_size(const Shape& shape, const std::string& what, const std::string& layer);

// "[4, 4, 64]".
std::string to_string(const Shape& shape);

}  // namespace convforge
