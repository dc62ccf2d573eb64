// The input gradient by Winograd's algorithm: the convolution of the output's gradient with the flipped kernel, whose
// filters and channels are swapped.
#include <algorithm>

#include "ops/conv2d/gradient.h"
#include "ops/conv2d/winograd.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

// Filters per task of the kernel's transform; divides kPanel.
constexpr int kTaskFilters = 8;

class WinogradInputGradient : public InputGradient {
 public:
  explicit WinogradInputGradient(const Conv& conv) : c_(conv), winograd_(input_gradient_geometry(conv)) {}

  int block_images() const override {
    return static_cast<int>(ceil_div(winograd_.tiles().block, winograd_.tiles().tiles()));
  }
  bool handles_padding() const override { return true; }
  size_t scratch() const override { return winograd_.scratch(); }
  size_t prepared_floats() const override { return winograd_.filter_floats(); }
  size_t prepare_tasks() const override {
    return static_cast<size_t>(winograd_.panels()) * ceil_div(static_cast<size_t>(c_.filters), kTaskFilters);
  }
  void prepare(const float* kernel, float* prepared, size_t task) const override;
  void run(const GradientBlock& block, const float* prepared, float* dx, float* scratch) const override;

 private:
  const Conv& c_;
  Winograd winograd_;
};

void WinogradInputGradient::prepare(const float* kernel, float* prepared, size_t task) const {
  const int panels = winograd_.panels();
  const int panel = static_cast<int>(task) % panels;
  const int begin = static_cast<int>(task) / panels * kTaskFilters;
  const int filters = std::min(kTaskFilters, c_.filters - begin);
  const int channels = winograd_.panel_columns(panel);
  const int cells = c_.window.rows * c_.window.columns;
  // The part of the kernel, [cell][filter][channel].
  float part[5 * 5][kTaskFilters][kPanel] = {};
  const float* x = kernel + static_cast<size_t>(begin / kPanel) * c_.depth() * kPanel + begin % kPanel +
                   static_cast<ptrdiff_t>(panel) * kPanel * kPanel;
  for (int cell = 0; cell < cells; ++cell) {
    kernels().transpose(x + static_cast<ptrdiff_t>(cell) * c_.window.channels * kPanel, channels, filters, kPanel,
                        part[cells - 1 - cell][0], kPanel);
  }
  WinogradFilter f;
  f.cells = part[0][0];
  f.cell = kTaskFilters * kPanel;
  f.n = filters * kPanel;
  f.points = prepared + static_cast<size_t>(panel) * winograd_.filter_panel() + static_cast<ptrdiff_t>(begin) * kPanel;
  f.point = static_cast<ptrdiff_t>(winograd_.filter_point());
  kernels().winograd_filter(c_.window.rows, f);
}

void WinogradInputGradient::run(const GradientBlock& block, const float* prepared, float* dx, float* scratch) const {
  const size_t tiles = static_cast<size_t>(block.images) * winograd_.tiles().tiles();
  winograd_.run(block.dense, prepared, 0, tiles, 0, scratch, [&](size_t image, int panel) {
    WinogradOutput o;
    o.y = dx + image * c_.input_size() + static_cast<size_t>(panel) * kPanel;
    return o;
  });
}

}  // namespace

const GradientAlgorithm<InputGradient> kWinogradInputGradient = {
    "winograd", [](const Conv& conv) { return winograd_declines(conv, input_gradient_geometry(conv)); },
    [](const Conv& conv) -> std::unique_ptr<InputGradient> { return std::make_unique<WinogradInputGradient>(conv); }};

}  // namespace convforge
