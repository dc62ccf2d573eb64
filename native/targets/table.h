#pragma once

#include "kernels/types.h"

namespace convforge {

// The kernels of one instruction set.
struct KernelTable {
  const char* name;
  int lanes;
#define KERNEL(name, parameters) void(*name) parameters;
#include "kernels/kernels.inc"
#undef KERNEL
};

}  // namespace convforge
