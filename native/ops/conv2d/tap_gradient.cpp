// The kernel gradient with fused 2x2 max-pooling, where a kernel row covers few inputs. Lanes hold filters, and each
// looks up the input under the winning cell of its own window, out of the four cells.
#include <algorithm>

#include "ops/conv2d/gradient.h"
#include "ops/conv2d/panel_sums.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

class TapKernelGradient : public PanelSums {
 public:
  explicit TapKernelGradient(const Conv& conv) : PanelSums(conv) {}

  bool needs_dense() const override { return false; }
  size_t scratch() const override { return quads_floats(); }

  void run(const GradientBlock& block, float* partial, bool accumulate, float* scratch) const override {
    const Window& w = c_.window;
    const ptrdiff_t row = static_cast<ptrdiff_t>(c_.padded_floats(1));
    Quads q;
    q.x = block.x;
    q.x_row = row;
    q.rows = quad_rows();
    q.width = quad_width();
    q.row = w.stride_h * row;
    q.column = static_cast<ptrdiff_t>(w.stride_w) * w.channels;
    q.y = scratch;
    kernels().make_quads(q);

    TapGradient t;
    t.value_row = c_.filters;
    t.out_h = c_.out_h;
    t.out_w = c_.out_w;
    t.quads = scratch;
    t.quad_output_row = static_cast<ptrdiff_t>(2) * w.stride_h * q.width * 4;
    t.quad_output = static_cast<ptrdiff_t>(2) * w.stride_w * w.channels * 4;
    t.quad_row = static_cast<ptrdiff_t>(w.dilation_h) * q.width * 4;
    t.rows = w.rows;
    t.width = c_.segment_depth;
    t.accumulate = accumulate;
    for (size_t panel = 0; panel < c_.panels(); ++panel) {
      t.filters = c_.panel_columns(static_cast<int>(panel));
      t.values = block.pooled + panel * kPanel;
      t.index = block.index + panel * kPanel;
      t.y = partial + panel * c_.depth() * kPanel;
      // Zeroes the padding of the last panel.
      if (!accumulate && t.filters < kPanel) std::fill(t.y, t.y + c_.depth() * kPanel, 0.0f);
      kernels().tap_gradient(t);
    }
  }

 private:
  // Rows and floats per row of the inputs that a tap can meet at the upper left cell of a window.
  int quad_rows() const {
    const Window& w = c_.window;
    return (c_.out_h - 1) * 2 * w.stride_h + (w.rows - 1) * w.dilation_h + 1;
  }
  int quad_width() const {
    const Window& w = c_.window;
    return ((c_.out_w - 1) * 2 * w.stride_w + w.columns) * w.channels;
  }
  size_t quads_floats() const {
    constexpr size_t kReadable = 12;  // behind the last quad
    return 4 * static_cast<size_t>(quad_rows()) * static_cast<size_t>(quad_width()) + kReadable;
  }
};

std::string decline_taps(const Conv& conv) {
  if (conv.groups > 1) return "its channels are grouped";
  if (!conv.pool || conv.pool_rows != 2 || conv.pool_columns != 2) return "no 2x2 max-pooling is fused";
  if (conv.window.dilation_w != 1) return "dilated columns";
  return {};
}

}  // namespace

const GradientAlgorithm<KernelGradient> kTapKernelGradient = {
    "taps", decline_taps,
    [](const Conv& conv) -> std::unique_ptr<KernelGradient> { return std::make_unique<TapKernelGradient>(conv); }};

}  // namespace convforge
