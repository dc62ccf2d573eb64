#pragma once

#include <string>
#include <vector>

#include "targets/table.h"

namespace convforge {

struct Dispatch {
  const KernelTable* kernels;
  std::string reason;                  // why `kernels` was chosen
  std::vector<std::string> supported;  // names of the tables that this machine and build support, best first
};

// The kernels to use, chosen once: the best that this processor and system support, or those that CONVFORGE_ISA names.
// Throws Error UNSUPPORTED, at every call, if the machine doesn't support the latter.
const Dispatch& dispatch();
inline const KernelTable& kernels() { return *dispatch().kernels; }

// All tables that can run on this machine, best first. For tests and benchmarks.
std::vector<const KernelTable*> supported_kernels();

}  // namespace convforge
