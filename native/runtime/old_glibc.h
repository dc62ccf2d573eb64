// Included before everything else in builds that must load with glibc 2.28 and GCC 8's libstdc++, but are made by a
// newer GCC (CONVFORGE_OLD_GLIBC). Binds functions to the versions that those have; old_glibc.cpp defines what they
// lack.
#pragma once

#if defined(__x86_64__)
  #define CONVFORGE_OLDEST_MATH "GLIBC_2.2.5"
#else
  #define CONVFORGE_OLDEST_MATH "GLIBC_2.17"
#endif

#define CONVFORGE_BIND(function, version) __asm__(".symver " function ", " function "@" version)
CONVFORGE_BIND("_ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE", "GLIBCXX_3.4.11");
CONVFORGE_BIND("fmodf", CONVFORGE_OLDEST_MATH);
CONVFORGE_BIND("log", CONVFORGE_OLDEST_MATH);
CONVFORGE_BIND("pow", CONVFORGE_OLDEST_MATH);
#undef CONVFORGE_BIND
