#pragma once

#include "ops/conv2d/gradient.h"

namespace convforge {

// A kernel gradient whose sums have the parameter's layout: [panel][kernel row, column, channel][kPanel].
class PanelSums : public KernelGradient {
 public:
  explicit PanelSums(const Conv& conv) : c_(conv) {}

  size_t partial_floats() const override { return c_.panels() * c_.depth() * kPanel; }
  size_t combine_tasks(size_t) const override;
  void combine(const Partials& partials, float* gradient, size_t task, float* scratch) const override;

 protected:
  const Conv& c_;
};

}  // namespace convforge
