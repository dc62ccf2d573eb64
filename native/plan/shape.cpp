#include "plan/shape.h"

#include "runtime/error.h"

namespace convforge {

int64_t checked_size(const Shape& shape, const std::string& what, const std::string& layer) {
  int64_t size = 1;
  for (const int64_t dimension : shape) {
    if (dimension < 1)
      throw Error("SHAPE_MISMATCH", layer + ": " + what + " " + to_string(shape) + " has a dimension below 1", layer);
    if (dimension > kMaxElements / size) {
      throw Error("TOO_LARGE", layer + ": " + what + " " + to_string(shape) + " has more than 2^31 - 1 elements",
                  layer);
    }
    size *= dimension;
  }
  return size;
}

std::string to_string(const Shape& shape) {
  std::string text;
  for (const int64_t dimension : shape) text += (text.empty() ? "" : ", ") + std::to_string(dimension);
  return "[" + text + "]";
}

}  // namespace convforge
