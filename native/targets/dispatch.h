#pragma once

#include <string>
#include <vector>

#include "targets/table.h"

namespace convforge {

struct Dispatch {
  const KernelTable* kernels;
  std::string reason;                  // why this one
  std::vector<std::string> supported;  // by this machine and build, best first
};

// The kernels to use, chosen once: the best that this processor and system support, or the one that CONVFORGE_ISA
// names. Throws Error UNSUPPORTED, at every call, if that one isn't to be had here.
const Dispatch& dispatch();
inline const KernelTable& kernels() { return *dispatch().kernels; }

// All tables that can run here, best first: for tests and benchmarks.
std::vector<const KernelTable*> supported_kernels();

}  // namespace convforge
