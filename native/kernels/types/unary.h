// Elementwise functions of one value. Their formulas: lib/program/contracts/unary.ts.
#pragma once

namespace convforge {

enum class Unary {
  kAbs,
  kNegative,
  kSign,
  kFloor,
  kCeil,
  kRound,
  kLog,
  kLog1p,
  kExpm1,
  kSqrt,
  kRsqrt,
  kSquare,
  kReciprocal,
  kErf,
  kSin,
  kCos,
  kLogicalNot,
  kIsNaN
};

}  // namespace convforge
