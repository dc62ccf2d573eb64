#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "runtime/rng.h"
#include "targets/dispatch.h"

namespace convforge::test {

// Reproducible numbers, the same on every machine.
class Random {
 public:
  explicit Random(uint32_t seed) : seed_(seed) {}

  uint32_t word() {
    const auto block = philox({counter_++, 0, 0, 0}, {seed_, 0});
    return block[0];
  }
  // In [-1, 1), exact in float.
  float uniform() { return static_cast<float>(static_cast<int32_t>(word()) >> 8) / 8388608.0f; }
  // Integers in [-limit, limit].
  float whole(int limit) {
    return static_cast<float>(static_cast<int>(word() % static_cast<uint32_t>(2 * limit + 1)) - limit);
  }

  std::vector<float> uniforms(size_t n) {
    std::vector<float> values(n);
    for (float& value : values) value = uniform();
    return values;
  }
  std::vector<float> wholes(size_t n, int limit) {
    std::vector<float> values(n);
    for (float& value : values) value = whole(limit);
    return values;
  }

 private:
  uint32_t seed_;
  uint32_t counter_ = 0;
};

// n floats between guards, which a kernel must not change.
class Guarded {
 public:
  explicit Guarded(size_t n, float fill = 0.0f) : n_(n), values_(kGuard, kMark) {
    values_.resize(kGuard + n, fill);
    values_.resize(kGuard + n + kGuard, kMark);
  }
  explicit Guarded(const std::vector<float>& values) : n_(values.size()), values_(kGuard, kMark) {
    values_.insert(values_.end(), values.begin(), values.end());
    values_.resize(values_.size() + kGuard, kMark);
  }

  float* data() { return values_.data() + kGuard; }
  const float* data() const { return values_.data() + kGuard; }
  std::vector<float> values() const { return {data(), data() + n_}; }
  bool intact() const {
    for (size_t i = 0; i < kGuard; ++i) {
      if (values_[i] != kMark || values_[kGuard + n_ + i] != kMark) return false;
    }
    return true;
  }

 private:
  static constexpr size_t kGuard = 32;
  static constexpr float kMark = -12345.5f;
  size_t n_;
  std::vector<float> values_;
};

inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

// Runs `body` on each table and checks that it always returns the same bytes.
inline void expect_same_bits(const std::function<std::vector<float>(const KernelTable&)>& body) {
  const auto tables = supported_kernels();
  const std::vector<float> first = body(*tables[0]);
  for (const KernelTable* table : tables) {
    CAPTURE(std::string(table->name));
    CHECK(same_bits(body(*table), first));
  }
}

// FNV-1a over the bytes: one number to compare across machines.
inline uint64_t hash(const void* data, size_t bytes, uint64_t from = 0xcbf29ce484222325u) {
  const auto* p = static_cast<const uint8_t*>(data);
  for (size_t i = 0; i < bytes; ++i) from = (from ^ p[i]) * 0x100000001b3u;
  return from;
}

}  // namespace convforge::test
