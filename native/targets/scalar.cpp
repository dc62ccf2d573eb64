#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "kernels/types.h"
#include "simd/fused.h"
#include "simd/target.h"
#include "targets/table.h"

namespace convforge::scalar {
namespace {
#include "simd/vec_scalar.h"

// Must follow the vec header, whose types it uses.
#include "kernels/all.inl.h"
}  // namespace
}  // namespace convforge::scalar

namespace convforge::scalar {

const KernelTable& kernels() {
  static constexpr KernelTable kTable = {
      "scalar",
      kLanes,
#define KERNEL(name, parameters) name,
#include "kernels/kernels.inc"
#undef KERNEL
  };
  return kTable;
}

}  // namespace convforge::scalar
