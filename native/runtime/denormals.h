// One rule makes denormal numbers give the same bits on every instruction set: there are none. Samples and weights that
// come in as one become zero, with their sign, and compute threads flush what arithmetic gives. Otherwise an operation
// that some instruction set has as arithmetic (a maximum) and another as a move would keep them here and not there.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#if defined(__x86_64__) || defined(_M_X64)
  #include <xmmintrin.h>
#endif

namespace convforge {

// x, or zero with its sign where x is denormal.
inline float flushed(float x) {
  const uint32_t bits = std::bit_cast<uint32_t>(x);
  return std::bit_cast<float>((bits & 0x7f800000u) == 0 ? bits & 0x80000000u : bits);
}

inline void copy_flushed(const float* x, size_t n, float* y) {
  for (size_t i = 0; i < n; ++i) y[i] = flushed(x[i]);
}

// While it lives, this thread treats denormal numbers as zero: they made Adam twice as slow. Restores what was set
// before, since JavaScript's arithmetic on the same thread must not change.
class FlushDenormals {
 public:
#if defined(__x86_64__) || defined(_M_X64)
  FlushDenormals() : before_(_mm_getcsr()) { _mm_setcsr(before_ | kFlushToZero | kDenormalsAreZero); }
  ~FlushDenormals() { _mm_setcsr(before_); }

 private:
  static constexpr unsigned kFlushToZero = 0x8000;
  static constexpr unsigned kDenormalsAreZero = 0x0040;
  unsigned before_;
#elif defined(__aarch64__)
  FlushDenormals() {
    asm volatile("mrs %0, fpcr" : "=r"(before_));
    asm volatile("msr fpcr, %0" : : "r"(before_ | (uint64_t{1} << 24)));
  }
  ~FlushDenormals() { asm volatile("msr fpcr, %0" : : "r"(before_)); }

 private:
  uint64_t before_ = 0;
#else
  FlushDenormals() {}
  ~FlushDenormals() {}

 private:
#endif
 public:
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;
};

}  // namespace convforge
