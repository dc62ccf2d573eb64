// Elementwise functions of two values. Their formulas: lib/program/contracts/binary.ts.
#pragma once

#include <cstddef>

namespace convforge {

// The kinds from kFloorDivide on have the gradient 0.
enum class Binary {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kPower,
  kMaximum,
  kMinimum,
  kSquaredDifference,
  kModulo,
  kFloorDivide,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kEqual,
  kNotEqual,
  kLogicalAnd,
  kLogicalOr,
  kLogicalXor
};

// A matrix of `rows` rows of n elements. The operands have a value for each element of a row (`each`) or one for all,
// and are *_row floats further in the next row.
struct BinaryRows {
  const float* a = nullptr;
  const float* b = nullptr;
  ptrdiff_t a_row = 0;
  ptrdiff_t b_row = 0;
  bool a_each = true;
  bool b_each = true;
  size_t rows = 1;
  size_t n = 0;
};

}  // namespace convforge
