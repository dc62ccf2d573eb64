#if defined(__x86_64__) || defined(_M_X64)

  #include <immintrin.h>
  #include <bit>
  #include <cmath>
  #include <cstddef>
  #include <cstdint>

  #include "kernels/types.h"
  #include "simd/fused.h"
  #include "simd/target.h"
  #include "targets/table.h"

CONVFORGE_BEGIN_TARGET("avx2,fma")
namespace convforge::avx2 {
namespace {
  #include "simd/vec_avx2.h"

  // Must follow the vec header, whose types it uses.
  #include "kernels/all.inl.h"
}  // namespace
}  // namespace convforge::avx2
CONVFORGE_END_TARGET

namespace convforge::avx2 {

const KernelTable& kernels() {
  static constexpr KernelTable kTable = {
      "avx2",
      kLanes,
  #define KERNEL(name, parameters) name,
  #include "kernels/kernels.inc"
  #undef KERNEL
  };
  return kTable;
}

}  // namespace convforge::avx2

#endif
