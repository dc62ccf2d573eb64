#include "ops/conv2d/folded_kernel.h"

#include "targets/dispatch.h"

namespace convforge {
namespace {

// Scales one panel of the kernel, and computes its filters' bias.
void fold_panel(const Conv& c, const Step& s, const OpBuffers& b, int panel) {
  const size_t panel_floats = c.depth() * kPanel;
  const int first = panel * kPanel;
  float scales[kPanel] = {};
  for (int i = 0; i < c.panel_columns(panel); ++i) {
    const auto [scale, offset] = c.scaling->of_channel(s, static_cast<size_t>(first + i));
    const double bias = c.has_bias ? s.weights[c.bias_offset + static_cast<size_t>(first + i)] : 0.0f;
    scales[i] = static_cast<float>(scale);
    s.at(b.bias)[first + i] = static_cast<float>(scale * bias + offset);
  }
  const float zeros[kPanel] = {};
  ChannelNormalize n;
  n.x = s.weights + c.kernel_offset + static_cast<size_t>(panel) * panel_floats;
  n.row = kPanel;
  n.rows = static_cast<int>(c.depth());
  n.channels = kPanel;
  n.mean = zeros;
  n.scale = scales;
  n.shift = zeros;
  kernels().channel_normalize(n, s.at(b.kernel) + static_cast<size_t>(panel) * panel_floats);
}

}  // namespace

void plan_folded_kernel(const Conv& conv, Plan& plan, OpBuffers& buffers, bool lasts) {
  const size_t floats = conv.panels() * conv.depth() * kPanel;
  buffers.kernel = lasts ? plan.lasting_workspace(floats) : plan.workspace(0, floats);
  buffers.bias = plan.lasting_workspace(conv.panels() * kPanel);
  plan.weights_stage(
      {buffers.kernel, buffers.bias}, [&conv](const Step&) { return conv.panels(); },
      [&conv, b = buffers](const Step& s, size_t task, float*) { fold_panel(conv, s, b, static_cast<int>(task)); });
}

}  // namespace convforge
