// Denormal numbers are flushed to zero everywhere, so that all instruction sets give the same bits. Denormal samples
// and weights become zero, with their sign, when they come in; compute threads flush the results of arithmetic.
// Otherwise an operation such as a maximum would keep a denormal where the instruction set implements it as a move, and
// lose it where it is arithmetic.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#if defined(__x86_64__) || defined(_M_X64)
  #include <xmmintrin.h>
#endif

namespace convforge {

// x, or zero with its sign if x is denormal.
inline float flushed(float x) {
  const uint32_t bits = std::bit_cast<uint32_t>(x);
  return std::bit_cast<float>((bits & 0x7f800000u) == 0 ? bits & 0x80000000u : bits);
}

inline void copy_flushed(const float* x, size_t n, float* y) {
  for (size_t i = 0; i < n; ++i) y[i] = flushed(x[i]);
}

// While it lives, this thread treats denormal numbers as zero, which also avoids their slow arithmetic (Adam took twice
// as long). Restores the previous mode, since JavaScript's arithmetic on the same thread must not change.
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
