#include "plan/parameter.h"

#include <algorithm>
#include <utility>

#include "runtime/denormals.h"
#include "runtime/memory.h"

namespace convforge {

Parameter make_parameter(std::string name, const Shape& shape, size_t offset, const std::string& layer) {
  Parameter parameter;
  parameter.size = checked_size(shape, "parameter", layer);
  parameter.name = std::move(name);
  parameter.shape = shape;
  parameter.panels = shape.size() > 1;
  parameter.offset = offset;
  parameter.gradient = offset;
  if (parameter.panels) {
    const Shape padded = {parameter.rows(),
                          static_cast<int64_t>(round_up(static_cast<size_t>(parameter.columns()), kPanel))};
    parameter.stored = static_cast<size_t>(checked_size(padded, "padded parameter", layer));
  } else {
    parameter.stored = round_up(static_cast<size_t>(parameter.size), kPanel);
  }
  return parameter;
}

void Parameter::pack(const float* canonical, float* storage) const {
  if (!panels) {
    copy_flushed(canonical, static_cast<size_t>(size), storage);
    return;
  }
  const int64_t k = rows();
  const int64_t n = columns();
  for (int64_t row = 0; row < k; ++row) {
    for (int64_t column = 0; column < n; column += kPanel) {
      const size_t count = static_cast<size_t>(std::min<int64_t>(kPanel, n - column));
      copy_flushed(canonical + row * n + column, count, storage + column * k + row * kPanel);
    }
  }
}

void Parameter::unpack(const float* storage, float* canonical) const {
  if (!panels) {
    std::copy(storage, storage + size, canonical);
    return;
  }
  const int64_t k = rows();
  const int64_t n = columns();
  for (int64_t row = 0; row < k; ++row) {
    for (int64_t column = 0; column < n; column += kPanel) {
      const int64_t count = std::min<int64_t>(kPanel, n - column);
      const float* panel = storage + column * k + row * kPanel;
      std::copy(panel, panel + count, canonical + row * n + column);
    }
  }
}

}  // namespace convforge
