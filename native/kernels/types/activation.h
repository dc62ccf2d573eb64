// Elementwise functions.
#pragma once

namespace convforge {

// An elementwise function. Those up to kSoftplus rise monotonically, and their derivative follows from their value.
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
  float alpha = 0.0f;  // slope below the threshold of kBoundedRelu, factor of kElu, slope of kHardSigmoid
  float threshold = 0.0f;
  float maximum = __builtin_inff();
};

}  // namespace convforge
