#pragma once

#include <optional>
#include <string>

#include "kernels/types.h"
#include "plan/description.h"
#include "plan/shape.h"

namespace convforge {

// A weight array and its place in memory. TypeScript sees the canonical layout, row-major in `shape`. The engine stores
// vectors as they are, zero-padded. It packs anything else in panels (see kPanel), as a matrix whose columns are the
// last axis and whose rows are all others. Gradients and optimizer slots have the same layout as their parameter.
// Padding stays zero, since its gradient is zero.
struct Parameter {
  std::string name;  // "conv2d_1/kernel"
  Shape shape;
  int64_t size = 0;
  bool panels = false;
  size_t offset = 0;    // floats from the start of the program's weights
  size_t gradient = 0;  // floats from the start of the gradients; nodes that share weights have separate gradients
  bool trainable = true;
  std::optional<RegularizerDescription> regularizer = {};
  std::optional<ConstraintDescription> constraint = {};
  size_t stored = 0;  // floats in storage, with padding to whole cache lines

  int64_t rows() const { return size / shape.back(); }
  int64_t columns() const { return shape.back(); }

  // Packs values from JavaScript into storage. Denormal values become zero.
  void pack(const float* canonical, float* storage) const;
  void unpack(const float* storage, float* canonical) const;
};

// Makes a parameter that is stored at `offset`. Throws Error TOO_LARGE or SHAPE_MISMATCH.
Parameter make_parameter(std::string name, const Shape& shape, size_t offset, const std::string& layer);

}  // namespace convforge
