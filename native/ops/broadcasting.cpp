#include "ops/broadcasting.h"

#include "ops/activation.h"
#include "ops/op.h"
#include "runtime/error.h"

namespace convforge {
namespace {

// The size along an axis of a shape of `rank` axes; 1 where the axis is missing in front.
int64_t size_along(const Shape& shape, size_t axis, size_t rank) {
  return axis + shape.size() < rank ? 1 : shape[axis + shape.size() - rank];
}

}  // namespace

Shape broadcast_shape(const std::vector<Shape>& shapes, const std::string& layer) {
  Shape out;
  size_t rank = 0;
  for (const Shape& shape : shapes) rank = std::max(rank, shape.size());
  for (size_t axis = 0; axis < rank; ++axis) {
    int64_t size = 1;
    for (const Shape& shape : shapes) {
      const int64_t own = size_along(shape, axis, rank);
      if (own != 1 && size != 1 && own != size) {
        throw Error("SHAPE_MISMATCH",
                    layer + ": " + to_string(shapes.front()) + " and " + to_string(shapes.back()) +
                        " don't fit: sizes along an axis must be equal or 1",
                    layer);
      }
      if (own != 1) size = own;
    }
    out.push_back(size);
  }
  checked_size(out, "output", layer);
  return out;
}

Broadcasting::Broadcasting(const Shape& out, const std::vector<Shape>& operands) : size_(floats_of(out)) {
  std::vector<size_t> strides(operands.size(), 1);
  for (const Shape& operand : operands) sizes_.push_back(floats_of(operand));
  std::vector<Axis> inner_first;
  for (size_t axis = out.size(); axis-- > 0;) {
    Axis next{static_cast<size_t>(out[axis])};
    if (next.size == 1) continue;
    bool joins = !inner_first.empty();
    for (size_t i = 0; i < operands.size(); ++i) {
      const size_t own = static_cast<size_t>(size_along(operands[i], axis, out.size()));
      next.strides[i] = own == 1 ? 0 : strides[i];
      strides[i] *= own;
      joins = joins && next.strides[i] == inner_first.back().size * inner_first.back().strides[i];
    }
    if (joins) {
      inner_first.back().size *= next.size;
    } else {
      inner_first.push_back(next);
    }
  }
  if (inner_first.empty()) {
    Axis only;
    only.strides.fill(1);
    inner_first.push_back(only);
  }
  axes_.assign(inner_first.rbegin(), inner_first.rend());
}

size_t Broadcasting::parts() const {
  const size_t most = rows() > 1 ? rows() : ceil_div(size_, kElementsPerTask);
  return std::clamp(size_ / kElementsPerTask, size_t{1}, most);
}

}  // namespace convforge
