#pragma once

#include <cstdint>
#include <optional>

#include "plan/shape.h"
#include "runtime/memory.h"

namespace convforge {

// A set of samples, in the engine's own memory.
class Samples {
 public:
  enum class Type { kUint8, kInt32, kFloat32 };

  // The first dimension of `shape` is the number of samples, which may be 0. Throws Error TOO_LARGE, SHAPE_MISMATCH or
  // OUT_OF_MEMORY.
  Samples(const Shape& shape, Type type);

  size_t count() const { return count_; }
  size_t sample_size() const { return sample_size_; }
  // With the number of samples first.
  Shape shape() const;
  const Shape& sample_shape() const { return sample_shape_; }
  Type type() const { return type_; }
  // "uint8", "int32" or "float32".
  const char* type_name() const;
  size_t element_bytes() const { return type_ == Type::kUint8 ? 1 : 4; }
  size_t elements() const { return count_ * sample_size_; }
  uint8_t* bytes() { return memory_.data(); }
  // Writes `count` values of this type from element `first` on. Denormal floats become zero.
  void write(const void* values, size_t first, size_t count);
  // Marks samples that jobs read, which must not be written any more.
  void seal() { sealed_ = true; }
  bool is_sealed() const { return sealed_; }

  // The first element, as far as written, that is an int32 beyond what float32 holds exactly: -2^24 to 2^24.
  std::optional<size_t> first_inexact() const { return first_inexact_; }

  const uint8_t* u8(size_t sample) const { return memory_.data() + sample * sample_size_; }
  const int32_t* i32(size_t sample) const {
    return reinterpret_cast<const int32_t*>(memory_.data()) + sample * sample_size_;
  }
  const float* f32(size_t sample) const { return memory_.floats() + sample * sample_size_; }

 private:
  Shape sample_shape_;
  size_t count_;
  size_t sample_size_;
  Type type_;
  Memory memory_;
  bool sealed_ = false;
  std::optional<size_t> first_inexact_;
};

}  // namespace convforge
