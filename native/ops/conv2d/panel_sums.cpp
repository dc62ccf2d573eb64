#include "ops/conv2d/panel_sums.h"

#include <algorithm>

#include "targets/dispatch.h"

namespace convforge {
namespace {

constexpr size_t kCombineFloats = 4096;

}  // namespace

size_t PanelSums::combine_tasks(size_t) const { return ceil_div(partial_floats(), kCombineFloats); }

void PanelSums::combine(const Partials& partials, float* gradient, size_t task, float*) const {
  const size_t begin = task * kCombineFloats;
  const size_t count = std::min(kCombineFloats, partial_floats() - begin);
  std::copy_n(partials.at + begin, count, gradient + begin);
  for (size_t chunk = 1; chunk < partials.chunks; ++chunk)
    kernels().accumulate(partials.at + chunk * partials.stride + begin, gradient + begin, count);
}

}  // namespace convforge
