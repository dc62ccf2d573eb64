#include "plan/samples.h"

#include <cstring>

#include "runtime/denormals.h"
#include "runtime/error.h"

namespace convforge {
namespace {

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
}

Shape Samples::shape() const {
  Shape shape = {static_cast<int64_t>(count_)};
  shape.insert(shape.end(), sample_shape_.begin(), sample_shape_.end());
  return shape;
}

}  // namespace convforge
