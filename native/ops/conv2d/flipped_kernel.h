#pragma once

#include "ops/conv2d/gradient.h"

namespace convforge {

// An input gradient computed as a convolution of the output's gradient with the flipped kernel, whose filters and
// channels are swapped. Layout: prepared[group][panel of the group's channels][cell, last first][filter of the
// group][kPanel].
class FlippedKernel : public InputGradient {
 public:
  explicit FlippedKernel(const Conv& conv) : c_(conv) {}

  size_t prepared_floats() const override { return static_cast<size_t>(c_.groups) * group_floats(); }
  size_t prepare_tasks() const override { return cells(); }
  void prepare(const float* kernel, float* prepared, size_t task) const override;

 protected:
  // The panel that begins with channel k of a group.
  const float* panel(const float* prepared, int group, int k) const {
    return prepared + static_cast<size_t>(group) * group_floats() +
           static_cast<size_t>(k) * cells() * static_cast<size_t>(c_.group_filters());
  }

  // Floats from one panel to the next.
  ptrdiff_t panel_floats() const { return static_cast<ptrdiff_t>(cells()) * c_.group_filters() * kPanel; }

  const Conv& c_;

 private:
  size_t cells() const { return static_cast<size_t>(c_.window.rows) * static_cast<size_t>(c_.window.columns); }
  size_t group_floats() const {
    return round_up(static_cast<size_t>(c_.group_channels()), kPanel) * cells() *
           static_cast<size_t>(c_.group_filters());
  }
};

}  // namespace convforge
