#include "runtime/memory.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>

#include "runtime/error.h"

namespace convforge {
namespace {

std::atomic<size_t> budget{std::numeric_limits<size_t>::max()};
std::atomic<size_t> used{0};

// "12.3 GB", "4.5 MB", or "678 bytes".
std::string readable(size_t bytes) {
  if (bytes < 1000) return std::to_string(bytes) + " bytes";
  const char* const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
  double value = static_cast<double>(bytes) / 1000;
  size_t unit = 0;
  for (; value >= 999.95; value /= 1000) ++unit;
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f %s", value, units[unit]);
  return text;
}

Error over_budget(size_t bytes, size_t taken) {
  return Error("TOO_LARGE", "this takes " + readable(bytes) + " more, and " + readable(taken) + " of the " +
                                readable(budget.load()) +
                                " that convforge may take are in use; try a smaller batch or model, or allow more by "
                                "CONVFORGE_MEMORY or setMemoryBudget");
}

// Counts the bytes, or throws.
void reserve(size_t bytes) {
  size_t taken = used.load();
  do {
    const size_t limit = budget.load();
    if (bytes > limit || taken > limit - bytes) throw over_budget(bytes, taken);
  } while (!used.compare_exchange_weak(taken, taken + bytes));
}

}  // namespace

void MemoryBudget::set(size_t bytes) { budget.store(bytes); }
size_t MemoryBudget::bytes() { return budget.load(); }
size_t MemoryBudget::used() { return convforge::used.load(); }

Memory::Memory(size_t bytes) : bytes_(bytes) {
  const size_t whole = bytes + kLineBytes;
  if (whole < bytes) throw Error("OUT_OF_MEMORY", "no memory for " + std::to_string(bytes) + " bytes");
  reserve(whole);
  block_ = {std::calloc(whole, 1), Free{whole}};
  if (!block_) {
    used.fetch_sub(whole);
    throw Error("OUT_OF_MEMORY", "no memory for " + readable(bytes) + "; try a smaller batch or model");
  }
}

void Memory::Free::operator()(void* p) const {
  std::free(p);
  used.fetch_sub(bytes);
}

}  // namespace convforge
