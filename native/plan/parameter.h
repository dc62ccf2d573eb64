#pragma once

#include <optional>
#include <string>

#include "kernels/types.h"
#include "plan/description.h"
#include "plan/shape.h"

namespace convforge {

// A weight array and where it is kept. TypeScript sees it in the canonical layout, the row-major `shape`; the engine
// stores matrices, whose last axis is n and whose others together are k, in panels (see kPanel) and vectors as they
// are, zero-padded. Gradients and optimizer slots have the storage of their parameter. Padding stays zero: its gradient
// is.
struct Parameter {
  std::string name;  // "conv2d_1/kernel"
  Shape shape;
  int64_t size = 0;
  bool panels = false;
  size_t offset = 0;    // floats from the start of the program's weights
  size_t gradient = 0;  // floats from the start of the gradients: a node that shares its weights has its own
  bool trainable = true;
  std::optional<RegularizerDescription> regularizer = {};
  std::optional<ConstraintDescription> constraint = {};
  size_t stored = 0;  // floats, whole cache lines

  int64_t rows() const { return size / shape.back(); }
  int64_t columns() const { return shape.back(); }

  // Writes values from JavaScript to where they are kept. Denormal ones become zero.
  void pack(const float* canonical, float* storage) const;
  void unpack(const float* storage, float* canonical) const;
};

// Lays out a parameter at `offset`. Throws Error TOO_LARGE or SHAPE_MISMATCH.
Parameter make_parameter(std::string name, const Shape& shape, size_t offset, const std::string& layer);

}  // namespace convforge
