#include "runtime/core.h"

#if defined(__linux__)
  #include <sched.h>
#endif

namespace convforge {

#if defined(__linux__)

int current_core() {
  const int core = sched_getcpu();
  return core < kMaxCores ? core : -1;
}

bool leave_cores(const Cores& taken) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return false;
  cpu_set_t others = allowed;
  for (int core = 0; core < CPU_SETSIZE && core < kMaxCores; ++core) {
    if (taken[static_cast<size_t>(core)]) CPU_CLR(core, &others);
  }
  if (CPU_COUNT(&others) == 0 || sched_setaffinity(0, sizeof(others), &others) != 0) return false;
  return sched_setaffinity(0, sizeof(allowed), &allowed) == 0;
}

#else

int current_core() { return -1; }

bool leave_cores(const Cores&) { return false; }

#endif

}  // namespace convforge
