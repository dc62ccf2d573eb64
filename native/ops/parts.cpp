#include "ops/parts.h"

#include <algorithm>

#include "ops/activation.h"

namespace convforge {
namespace {

std::vector<BufferId> all_of(std::vector<BufferId> parts, BufferId whole) {
  parts.push_back(whole);
  return parts;
}

}  // namespace

Parts::Parts(const Shape& whole, size_t axis, const std::vector<int64_t>& sizes) {
  size_t inner = 1;
  for (size_t i = 0; i < axis; ++i) rows_ *= static_cast<size_t>(whole[i]);
  for (size_t i = axis + 1; i < whole.size(); ++i) inner *= static_cast<size_t>(whole[i]);
  row_ = static_cast<size_t>(whole[axis]) * inner;
  for (const int64_t size : sizes) floats_.push_back(static_cast<size_t>(size) * inner);
}

size_t Parts::blocks() const { return std::clamp(rows_ * row_ / kElementsPerTask, size_t{1}, rows_); }

template <typename Copy>
void Parts::each_row(const Step& s, size_t task, BufferId whole, const std::vector<BufferId>& parts, Copy copy) const {
  const size_t sample = task / blocks();
  const size_t begin = rows_ * (task % blocks()) / blocks();
  const size_t end = rows_ * (task % blocks() + 1) / blocks();
  float* from = s.at(whole) + sample * rows_ * row_;
  for (size_t i = 0; i < parts.size(); from += floats_[i++]) {
    float* part = parts[i] == kNoBuffer ? nullptr : s.at(parts[i]) + sample * rows_ * floats_[i];
    for (size_t r = begin; r < end; ++r) copy(from + r * row_, part ? part + r * floats_[i] : nullptr, floats_[i]);
  }
}

void Parts::plan_join(Plan& plan, const std::vector<BufferId>& parts, BufferId whole) const {
  const auto tasks = [this](const Step& s) { return static_cast<size_t>(s.n) * blocks(); };
  plan.stage(all_of(parts, whole), tasks, [this, parts, whole](const Step& s, size_t task, float*) {
    each_row(s, task, whole, parts, [](float* to, const float* part, size_t count) {
      if (part) {
        std::copy_n(part, count, to);
      } else {
        std::fill_n(to, count, 0.0f);
      }
    });
  });
}

void Parts::plan_cut(Plan& plan, BufferId whole, const std::vector<BufferId>& parts) const {
  const auto tasks = [this](const Step& s) { return static_cast<size_t>(s.n) * blocks(); };
  plan.stage(all_of(parts, whole), tasks, [this, parts, whole](const Step& s, size_t task, float*) {
    each_row(s, task, whole, parts, [](const float* from, float* part, size_t count) {
      if (part) std::copy_n(from, count, part);
    });
  });
}

}  // namespace convforge
