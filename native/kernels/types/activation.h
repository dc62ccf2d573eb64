// Elementwise functions.
#pragma once

namespace convforge {

// An elementwise function. The kinds up to kSoftplus are monotonically increasing, and their derivative can be computed
// from their value.
struct Activation {
  enum class Kind {
    kLinear,
    kRelu,
    kBoundedRelu,
    kElu,
    kCelu,
    kSelu,
    kExponential,
    kSigmoid,
    kHardSigmoid,
    kTanh,
    kSoftplus,
    kSoftsign,
    kGelu,
    kGeluTanh,
    kSilu,
    kMish,
    kHardSwish
  };
  Kind kind = Kind::kLinear;
  float alpha = 0.0f;  // kBoundedRelu: slope below the threshold; kElu, kCelu: alpha; kHardSigmoid: slope
  float threshold = 0.0f;
  float maximum = __builtin_inff();
  float offset = 0.5f;  // kHardSigmoid

  // Whether it is min(maximum, max(0, x)), which products compute in their epilogue.
  bool clips() const {
    return kind == Kind::kRelu || (kind == Kind::kBoundedRelu && alpha == 0.0f && threshold == 0.0f);
  }
};

}  // namespace convforge
