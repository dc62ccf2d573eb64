#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace convforge {

// Bytes of a cache line. Memory for kernels and threads is aligned to it.
inline constexpr size_t kLineBytes = 64;
inline constexpr size_t kLineFloats = kLineBytes / sizeof(float);

constexpr size_t round_up(size_t n, size_t multiple) { return (n + multiple - 1) / multiple * multiple; }
constexpr size_t ceil_div(size_t n, size_t by) { return (n + by - 1) / by; }

// The bytes that all Memory of the process may have together, and what it has.
class MemoryBudget {
 public:
  // Takes effect from the next Memory on. 2^64 - 1: no limit, as at first.
  static void set(size_t bytes);
  static size_t bytes();
  static size_t used();
};

// Zeroed memory, aligned to a cache line. The system gives large memory its pages as they are first touched, so taking
// it is quick. Throws Error TOO_LARGE where the budget doesn't allow it, and OUT_OF_MEMORY.
class Memory {
 public:
  Memory() = default;
  explicit Memory(size_t bytes);

  size_t bytes() const { return bytes_; }
  uint8_t* data() const {
    // calloc aligns to less than a line. Null stays null.
    return reinterpret_cast<uint8_t*>(round_up(reinterpret_cast<uintptr_t>(block_.get()), kLineBytes));
  }
  float* floats() const { return reinterpret_cast<float*>(data()); }

 private:
  struct Free {
    size_t bytes;
    void operator()(void* p) const;
  };
  std::unique_ptr<void, Free> block_{nullptr, Free{0}};
  size_t bytes_ = 0;
};

}  // namespace convforge
