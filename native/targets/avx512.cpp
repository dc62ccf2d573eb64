#if defined(__x86_64__) || defined(_M_X64)

  // GCC 12 implements some intrinsics with deliberately undefined values, and then warns about them (GCC bug 105593).
  #if defined(__GNUC__) && !defined(__clang__)
    #pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
    #pragma GCC diagnostic ignored "-Wuninitialized"
  #endif
  #include <immintrin.h>
  #include <bit>
  #include <cmath>
  #include <cstddef>
  #include <cstdint>

  #include "kernels/types.h"
  #include "simd/fused.h"
  #include "simd/target.h"
  #include "targets/table.h"

CONVFORGE_BEGIN_TARGET("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")
namespace convforge::avx512 {
namespace {
  #include "simd/vec_avx512.h"

  // Must follow the vec header, whose types it uses.
  #include "kernels/all.inl.h"
}  // namespace
}  // namespace convforge::avx512
CONVFORGE_END_TARGET

namespace convforge::avx512 {

const KernelTable& kernels() {
  static constexpr KernelTable kTable = {
      "avx512",
      kLanes,
  #define KERNEL(name, parameters) name,
  #include "kernels/kernels.inc"
  #undef KERNEL
  };
  return kTable;
}

}  // namespace convforge::avx512

#endif
