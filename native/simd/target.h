// Opens and closes a region of code that is compiled for one instruction set, without compiler flags (see
// ARCHITECTURE.md, "One source for every instruction set"). Everything inside a region must be in an unnamed namespace.
// A region must not include a standard header.
#pragma once

// GCC notes that the ABI for passing vectors by value differs between targets. All such functions are inlined, so the
// note doesn't apply.
#if defined(__GNUC__) && !defined(__clang__)
  #pragma GCC diagnostic ignored "-Wpsabi"
#endif

#define CONVFORGE_PRAGMA(text) _Pragma(#text)

#if defined(__clang__)
  #define CONVFORGE_BEGIN_TARGET(features) \
    CONVFORGE_PRAGMA(clang attribute push(__attribute__((target(features))), apply_to = function))
  #define CONVFORGE_END_TARGET CONVFORGE_PRAGMA(clang attribute pop)
  #define CONVFORGE_UNROLL CONVFORGE_PRAGMA(clang loop unroll(full))
  #define CONVFORGE_UNROLL_BY(count) CONVFORGE_PRAGMA(clang loop unroll_count(count))
#else
  #define CONVFORGE_BEGIN_TARGET(features) CONVFORGE_PRAGMA(GCC push_options) CONVFORGE_PRAGMA(GCC target(features))
  #define CONVFORGE_END_TARGET CONVFORGE_PRAGMA(GCC pop_options)
  #define CONVFORGE_UNROLL CONVFORGE_PRAGMA(GCC unroll 64)
  #define CONVFORGE_UNROLL_BY(count) CONVFORGE_PRAGMA(GCC unroll count)
#endif

#define CONVFORGE_INLINE inline __attribute__((always_inline))

// Hides how a pointer was computed. The compiler would otherwise split the address into parts that don't fit in
// registers.
#define CONVFORGE_OPAQUE(pointer) asm("" : "+r"(pointer))
