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

// Zeroed memory, aligned to a cache line. Throws Error OUT_OF_MEMORY.
class Memory {
 public:
  Memory() = default;
  explicit Memory(size_t bytes);

  size_t bytes() const { return bytes_; }
  uint8_t* data() const { return data_.get(); }
  float* floats() const { return reinterpret_cast<float*>(data_.get()); }

 private:
  struct Free {
    void operator()(uint8_t* p) const;
  };
  std::unique_ptr<uint8_t, Free> data_;
  size_t bytes_ = 0;
};

}  // namespace convforge
