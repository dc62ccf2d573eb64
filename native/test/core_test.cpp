#include "runtime/core.h"

#include <doctest/doctest.h>

#if defined(__linux__)
  #include <sched.h>

using namespace convforge;

TEST_CASE("a thread leaves processors, and may use all of them afterwards") {
  cpu_set_t before, after;
  REQUIRE(sched_getaffinity(0, sizeof(before), &before) == 0);
  Cores all;
  all.set();
  CHECK_FALSE(leave_cores(all));
  if (CPU_COUNT(&before) > 1) {
    int elsewhere = 0;
    for (int i = 0; i < 100; ++i) {
      Cores taken;
      const int core = current_core();
      REQUIRE(core >= 0);
      taken.set(static_cast<size_t>(core));
      REQUIRE(leave_cores(taken));
      if (current_core() != core) ++elsewhere;
    }
    // The system may move the thread back at once.
    CHECK(elsewhere > 50);
  }
  REQUIRE(sched_getaffinity(0, sizeof(after), &after) == 0);
  CHECK(CPU_EQUAL(&before, &after));
}

#endif
