#include "plan/samples.h"

#include <algorithm>
#include <cstring>

#include "runtime/denormals.h"
#include "runtime/error.h"

namespace convforge {
namespace {

// float32 holds all whole numbers up to this one, and their negatives.
constexpr int32_t kMaxWhole = 1 << 24;

size_t checked_bytes(size_t count, size_t sample_size, size_t element_bytes) {
  constexpr double kMaxBytes = 0x1p46;
  if (static_cast<double>(count) * static_cast<double>(sample_size) * static_cast<double>(element_bytes) > kMaxBytes) {
    throw Error("TOO_LARGE", std::to_string(count) + " samples of " + std::to_string(sample_size) +
                                 " elements are too many for memory");
  }
  return count * sample_size * element_bytes;
}

}  // namespace

Samples::Samples(const Shape& shape, Type type)
    : sample_shape_(shape.begin() + (shape.empty() ? 0 : 1), shape.end()),
      count_(shape.empty() || shape[0] < 0 ? 0 : static_cast<size_t>(shape[0])),
      sample_size_(static_cast<size_t>(checked_size(sample_shape_, "sample", "samples"))),
      type_(type) {
  if (shape.empty() || shape[0] < 0)
    throw Error("SHAPE_MISMATCH", "samples need a shape that begins with their number");
  if (count_ > static_cast<size_t>(kMaxElements)) throw Error("TOO_LARGE", "more than 2^31 - 1 samples");
  memory_ = Memory(checked_bytes(count_, sample_size_, element_bytes()));
}

const char* Samples::type_name() const {
  switch (type_) {
    case Type::kUint8:
      return "uint8";
    case Type::kInt32:
      return "int32";
    case Type::kFloat32:
      return "float32";
  }
  return "";
}

void Samples::write(const void* values, size_t first, size_t count) {
  if (count == 0) return;
  if (type_ == Type::kFloat32) {
    copy_flushed(static_cast<const float*>(values), count, memory_.floats() + first);
  } else {
    std::memcpy(memory_.data() + first * element_bytes(), values, count * element_bytes());
  }
  if (type_ != Type::kInt32) return;
  if (first_inexact_ && *first_inexact_ >= first && *first_inexact_ < first + count) first_inexact_.reset();
  const int32_t* begin = i32(0) + first;
  const int32_t* found =
      std::find_if(begin, begin + count, [](int32_t value) { return value < -kMaxWhole || value > kMaxWhole; });
  if (found == begin + count) return;
  const size_t index = first + static_cast<size_t>(found - begin);
  first_inexact_ = std::min(first_inexact_.value_or(index), index);
}

Shape Samples::shape() const {
  Shape shape = {static_cast<int64_t>(count_)};
  shape.insert(shape.end(), sample_shape_.begin(), sample_shape_.end());
  return shape;
}

}  // namespace convforge
