#include "ops/conv2d/flipped_kernel.h"

#include <algorithm>

#include "targets/dispatch.h"

namespace convforge {

void FlippedKernel::prepare(const float* kernel, float* prepared, size_t task) const {
  const int channels = c_.group_channels();
  const ptrdiff_t filters = c_.group_filters();
  const ptrdiff_t cell = static_cast<ptrdiff_t>(cells() - 1 - task) * channels * kPanel;
  for (const FilterBlock& block : c_.blocks) {
    const ptrdiff_t filter = block.begin - block.group * filters;
    float* y = prepared + static_cast<size_t>(block.group) * group_floats() +
               (static_cast<ptrdiff_t>(task) * filters + filter) * kPanel;
    for (int k = 0; k < channels; k += kPanel) {
      kernels().transpose(kernel + c_.panel_offset(block) + cell + k * kPanel, std::min(kPanel, channels - k),
                          block.count, kPanel, y + k * static_cast<ptrdiff_t>(cells()) * filters, kPanel);
    }
  }
}

}  // namespace convforge
