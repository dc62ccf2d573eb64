#if defined(__aarch64__) || defined(_M_ARM64)

  #include <arm_neon.h>
  #include <bit>
  #include <cmath>
  #include <cstddef>
  #include <cstdint>

  #include "kernels/types.h"
  #include "simd/fused.h"
  #include "simd/target.h"
  #include "targets/table.h"

namespace convforge::neon {
namespace {
  #include "simd/vec_neon.h"

  // Must follow the vec header, whose types it uses.
  #include "kernels/all.inl.h"
}  // namespace
}  // namespace convforge::neon

namespace convforge::neon {

const KernelTable& kernels() {
  static constexpr KernelTable kTable = {
      "neon",
      kLanes,
  #define KERNEL(name, parameters) name,
  #include "kernels/kernels.inc"
  #undef KERNEL
  };
  return kTable;
}

}  // namespace convforge::neon

#endif
