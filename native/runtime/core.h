// The processor that a thread runs on. Linux alone tells it and lets a thread move.
#pragma once

#include <bitset>

namespace convforge {

inline constexpr int kMaxCores = 1024;
using Cores = std::bitset<kMaxCores>;

// The number of the processor that the calling thread runs on, below kMaxCores, or -1 if it isn't known.
int current_core();

// Moves the calling thread to a processor outside of `taken` that it may use. Its set of allowed processors stays as it
// was, so the system may move it on. Returns false if there is no such processor or the system refuses.
bool leave_cores(const Cores& taken);

}  // namespace convforge
