// Reductions of many values to one.
#pragma once

namespace convforge {

// kMax and kMin are NaN if a value is.
enum class Reduction { kSum, kProduct, kMax, kMin };

}  // namespace convforge
