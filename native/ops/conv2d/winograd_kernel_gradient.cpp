// The kernel's gradient by Winograd's algorithm: at each point the sum over tiles of the products of the input's and
// the output gradient's values. Sums stay at the points until all chunks of the batch are added up.
#include <algorithm>

#include "ops/conv2d/gradient.h"
#include "ops/conv2d/winograd.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

// Channels of a task that adds up the chunks.
constexpr int kTaskChannels = 8;

// Sums are partial[panel][point][channels][kPanel], with a gap between points.
class WinogradKernelGradient : public KernelGradient {
 public:
  explicit WinogradKernelGradient(const Conv& conv) : c_(conv) {
    const Window& w = conv.window;
    x_ = Winograd(geometry(conv)).tiles();
    dy_ = x_;
    dy_.transform = kernels().winograd_output_gradient;
    dy_.side = kTileOutputs;
    dy_.height = w.out_h;
    dy_.width = w.out_w;
    dy_.channels = conv.filters;
    dy_.top = dy_.left = 0;
    x_.block = dy_.block = winograd_block(x_.points() * (x_.row() + dy_.row()));
  }

  static Winograd::Geometry geometry(const Conv& c) {
    const Window& w = c.window;
    return {w.rows, w.height, w.width, w.channels, w.top, w.left, w.out_h, w.out_w, c.filters};
  }

  int block_images() const override { return static_cast<int>(ceil_div(x_.block, x_.tiles())); }
  bool pads_itself() const override { return true; }
  size_t scratch() const override { return x_.floats() + dy_.floats(); }
  size_t partial_floats() const override { return c_.panels() * panel_floats(); }
  void run(const GradientBlock& block, float* partial, bool accumulate, float* scratch) const override;

  size_t combine_tasks() const override {
    return c_.panels() * ceil_div(static_cast<size_t>(c_.window.channels), kTaskChannels);
  }
  size_t combine_scratch() const override { return x_.points() * kTaskChannels * kPanel; }
  void combine(const float* partial, size_t stride, size_t chunks, float* gradient, size_t task,
               float* scratch) const override;

 private:
  size_t point_floats() const { return odd_lines(static_cast<size_t>(c_.window.channels) * kPanel); }
  size_t panel_floats() const { return x_.points() * point_floats(); }

  const Conv& c_;
  WinogradTiles x_;
  WinogradTiles dy_;
};

void WinogradKernelGradient::run(const GradientBlock& block, float* partial, bool accumulate, float* scratch) const {
  // The padding of the last panel is nobody's gradient.
  if (!accumulate && c_.filters % kPanel != 0)
    std::fill(partial + (c_.panels() - 1) * panel_floats(), partial + partial_floats(), 0.0f);
  const size_t tiles = static_cast<size_t>(block.images) * x_.tiles();
  Gemm g;
  g.m = c_.window.channels;
  g.a = scratch;
  g.a_row = 1;
  g.a_depth = static_cast<ptrdiff_t>(x_.row());
  g.b_depth = static_cast<ptrdiff_t>(dy_.row());
  g.c_row = kPanel;
  for (size_t first = 0; first < tiles; first += x_.block) {
    const size_t count = std::min(x_.block, tiles - first);
    x_.load(block.x, first, count, scratch);
    dy_.load(block.dense, first, count, scratch + x_.floats());
    g.depth = static_cast<int>(count);
    g.accumulate = accumulate || first > 0;
    for (size_t panel = 0; panel < c_.panels(); ++panel) {
      g.n = c_.panel_columns(static_cast<int>(panel));
      g.b = scratch + x_.floats() + panel * kPanel;
      g.c = partial + panel * panel_floats();
      kernels().gemm_batch(g, static_cast<int>(x_.points()), static_cast<ptrdiff_t>(x_.point()),
                           static_cast<ptrdiff_t>(dy_.point()), static_cast<ptrdiff_t>(point_floats()));
    }
  }
}

void WinogradKernelGradient::combine(const float* partial, size_t stride, size_t chunks, float* gradient, size_t task,
                                     float* scratch) const {
  const size_t panel = task % c_.panels();
  const size_t begin = task / c_.panels() * kTaskChannels;
  const size_t channels = std::min<size_t>(kTaskChannels, static_cast<size_t>(c_.window.channels) - begin);
  const size_t floats = channels * kPanel;
  for (size_t point = 0; point < x_.points(); ++point) {
    const float* sums = partial + panel * panel_floats() + point * point_floats() + begin * kPanel;
    kernels().sum_rows(sums, chunks, static_cast<ptrdiff_t>(stride), scratch + point * floats, static_cast<int>(floats),
                       false);
  }
  WinogradFilterGradient f;
  f.points = scratch;
  f.point = static_cast<ptrdiff_t>(floats);
  f.n = static_cast<int>(floats);
  f.cells = gradient + panel * c_.depth() * kPanel + begin * kPanel;
  f.cell = static_cast<ptrdiff_t>(c_.window.channels) * kPanel;
  kernels().winograd_filter_gradient(c_.window.rows, f);
}

}  // namespace

const GradientAlgorithm<KernelGradient> kWinogradKernelGradient = {
    "winograd", [](const Conv& conv) { return winograd_declines(conv, WinogradKernelGradient::geometry(conv)); },
    [](const Conv& conv) -> std::unique_ptr<KernelGradient> { return std::make_unique<WinogradKernelGradient>(conv); }};

}  // namespace convforge
