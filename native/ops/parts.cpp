#include "ops/parts.h"

#include <algorithm>

namespace convforge {
namespace {

size_t by_sample(const Step& s) { return static_cast<size_t>(s.n); }

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

template <typename Copy>
void Parts::each_row(const Step& s, size_t sample, BufferId whole, const std::vector<BufferId>& parts,
                     Copy copy) const {
  float* from = s.at(whole) + sample * rows_ * row_;
  for (size_t i = 0; i < parts.size(); from += floats_[i++]) {
    float* part = parts[i] == kNoBuffer ? nullptr : s.at(parts[i]) + sample * rows_ * floats_[i];
    for (size_t r = 0; r < rows_; ++r) copy(from + r * row_, part ? part + r * floats_[i] : nullptr, floats_[i]);
  }
}

void Parts::plan_join(Plan& plan, const std::vector<BufferId>& parts, BufferId whole) const {
  plan.stage(all_of(parts, whole), by_sample, [this, parts, whole](const Step& s, size_t sample, float*) {
    each_row(s, sample, whole, parts, [](float* to, const float* part, size_t count) {
      if (part) {
        std::copy_n(part, count, to);
      } else {
        std::fill_n(to, count, 0.0f);
      }
    });
  });
}

void Parts::plan_cut(Plan& plan, BufferId whole, const std::vector<BufferId>& parts) const {
  plan.stage(all_of(parts, whole), by_sample, [this, parts, whole](const Step& s, size_t sample, float*) {
    each_row(s, sample, whole, parts, [](const float* from, float* part, size_t count) {
      if (part) std::copy_n(from, count, part);
    });
  });
}

}  // namespace convforge
