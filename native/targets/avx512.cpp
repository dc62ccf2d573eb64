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

  // clang 18 to 20 can be told to leave out 512-bit registers, and zig's is told so.
  #if defined(__clang__) && !defined(__apple_build_version__) && __clang_major__ >= 18 && __clang_major__ <= 20
    #define CONVFORGE_AVX512_FEATURES "avx512f,avx512bw,avx512dq,avx512vl,evex512,avx2,fma"
  #else
    #define CONVFORGE_AVX512_FEATURES "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"
  #endif

CONVFORGE_BEGIN_TARGET(CONVFORGE_AVX512_FEATURES)
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
