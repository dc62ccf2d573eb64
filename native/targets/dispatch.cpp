#include "targets/dispatch.h"

#include <cstdint>
#include <cstdlib>

#include "runtime/error.h"

#if defined(__x86_64__) || defined(_M_X64)
  #include <cpuid.h>
#endif

namespace convforge {

namespace scalar {
const KernelTable& kernels();
}
#if defined(__x86_64__) || defined(_M_X64)
namespace avx2 {
const KernelTable& kernels();
}
namespace avx512 {
const KernelTable& kernels();
}
#elif defined(__aarch64__)
namespace neon {
const KernelTable& kernels();
}
#endif

namespace {

#if defined(__x86_64__) || defined(_M_X64)

struct X86Features {
  bool avx2 = false;
  bool avx512 = false;
};

uint64_t enabled_state() {
  uint32_t low = 0;
  uint32_t high = 0;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t{high} << 32) | low;
}

// Uses cpuid and xgetbv, since __builtin_cpu_supports doesn't link into shared objects everywhere (musl). The system
// must save the wide registers, too.
X86Features x86_features() {
  X86Features features;
  uint32_t a = 0, b = 0, c = 0, d = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return features;
  const bool fma = c & (1u << 12);
  const bool xsave_enabled = c & (1u << 27);
  if (!fma || !xsave_enabled) return features;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return features;
  const uint64_t state = enabled_state();
  constexpr uint64_t kYmm = 0x06;
  constexpr uint64_t kZmm = 0xe6;
  constexpr uint32_t kAvx512FDqBwVl = (1u << 16) | (1u << 17) | (1u << 30) | (1u << 31);
  features.avx2 = (b & (1u << 5)) && (state & kYmm) == kYmm;
  features.avx512 = features.avx2 && (b & kAvx512FDqBwVl) == kAvx512FDqBwVl && (state & kZmm) == kZmm;
  return features;
}

#endif

Dispatch choose() {
  const std::vector<const KernelTable*> tables = supported_kernels();
  Dispatch result;
  for (const KernelTable* table : tables) result.supported.emplace_back(table->name);
  const char* forced = std::getenv("CONVFORGE_ISA");
  if (!forced || !*forced) {
    result.kernels = tables.front();
    result.reason = "the best that this processor and system support";
    return result;
  }
  for (const KernelTable* table : tables) {
    if (std::string(forced) != table->name) continue;
    result.kernels = table;
    result.reason = "CONVFORGE_ISA=" + std::string(forced);
    return result;
  }
  std::string names;
  for (const std::string& name : result.supported) names += (names.empty() ? "" : ", ") + name;
  throw Error("UNSUPPORTED", "CONVFORGE_ISA=" + std::string(forced) + " can't run on this machine; it supports " +
                                 names + ". Unset it to use the best");
}

}  // namespace

std::vector<const KernelTable*> supported_kernels() {
  std::vector<const KernelTable*> tables;
#if defined(__x86_64__) || defined(_M_X64)
  const X86Features features = x86_features();
  if (features.avx512) tables.push_back(&avx512::kernels());
  if (features.avx2) tables.push_back(&avx2::kernels());
#elif defined(__aarch64__)
  tables.push_back(&neon::kernels());
#endif
  tables.push_back(&scalar::kernels());
  return tables;
}

const Dispatch& dispatch() {
  static const Dispatch chosen = choose();
  return chosen;
}

}  // namespace convforge
