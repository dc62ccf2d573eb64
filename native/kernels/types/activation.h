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
  float alpha = 0.0f;  // kBoundedRelu: slope below the threshold; kElu: factor; kHardSigmoid: slope
  float threshold = 0.0f;
  float maximum = __builtin_inff();
};

}  // namespace convforge
