// Opens and closes a region of code compiled for one instruction set, without compiler flags (see ARCHITECTURE.md, "One
// source for every instruction set"). Everything inside a region must sit in an unnamed namespace, and no standard
// header may be included there.
#pragma once

// The parameter passing of vector types by value differs between targets; all such functions are inlined, so GCC's note
// that the ABI changed says nothing here.
#if defined(__GNUC__) && !defined(__clang__)
  #pragma GCC diagnostic ignored "-Wpsabi"
#endif

#define CONVFORGE_PRAGMA(text) _Pragma(#text)

#if defined(__clang__)
  #define CONVFORGE_BEGIN_TARGET(features) \
    CONVFORGE_PRAGMA(clang attribute push(__attribute__((target(features))), apply_to = function))
  #define CONVFORGE_END_TARGET CONVFORGE_PRAGMA(clang attribute pop)
  #define CONVFORGE_UNROLL CONVFORGE_PRAGMA(clang loop unroll(full))
#else
  #define CONVFORGE_BEGIN_TARGET(features) CONVFORGE_PRAGMA(GCC push_options) CONVFORGE_PRAGMA(GCC target(features))
  #define CONVFORGE_END_TARGET CONVFORGE_PRAGMA(GCC pop_options)
  #define CONVFORGE_UNROLL CONVFORGE_PRAGMA(GCC unroll 64)
#endif

#define CONVFORGE_INLINE inline __attribute__((always_inline))

// Keeps the compiler from taking an address apart into parts that it then has no registers for.
#define CONVFORGE_KEEP(pointer) asm("" : "+r"(pointer))
