// The kernel's gradient by Winograd's algorithm: at each point the sum over tiles of the products of the input's and
// the output gradient's values.
#include <algorithm>

#include "ops/conv2d/gradient.h"
#include "ops/conv2d/winograd.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

// Channels of a task that adds up the chunks,
constexpr int kTaskChannels = 8;
// and of one that multiplies the values of a batch: rows for two of the widest matrix kernel.
constexpr int kBatchChannels = 24;
// Chunks to whose sums the values of a batch are compared.
constexpr size_t kManyChunks = 16;

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
  size_t combine_tasks() const override {
    return c_.panels() * ceil_div(static_cast<size_t>(c_.window.channels), static_cast<size_t>(task_channels()));
  }
  size_t combine_scratch() const override { return x_.points() * static_cast<size_t>(task_channels()) * kPanel; }

 protected:
  // A panel and some channels.
  struct Task {
    size_t panel;
    size_t begin;
    size_t channels;
  };
  virtual int task_channels() const = 0;
  Task task_at(size_t task) const {
    const size_t each = static_cast<size_t>(task_channels());
    const size_t begin = task / c_.panels() * each;
    return {task % c_.panels(), begin, std::min(each, static_cast<size_t>(c_.window.channels) - begin)};
  }
  // From sums at the points, [point][channels][kPanel].
  void finish(const Task& task, const float* sums, float* gradient) const {
    const size_t floats = task.channels * kPanel;
    WinogradFilterGradient f;
    f.points = sums;
    f.point = static_cast<ptrdiff_t>(floats);
    f.n = static_cast<int>(floats);
    f.cells = gradient + task.panel * c_.depth() * kPanel + task.begin * kPanel;
    f.cell = static_cast<ptrdiff_t>(c_.window.channels) * kPanel;
    kernels().winograd_filter_gradient(c_.window.rows, f);
  }

  const Conv& c_;
  WinogradTiles x_;
  WinogradTiles dy_;
};

// For many tiles: a few at once, whose values stay in cache. Each chunk of the batch has sums of its own,
// partial[panel] [point][channels][kPanel], with a gap between points.
class ChunkGradient : public WinogradKernelGradient {
 public:
  explicit ChunkGradient(const Conv& conv) : WinogradKernelGradient(conv) {}

  size_t scratch() const override { return x_.floats() + dy_.floats(); }
  size_t partial_floats() const override { return c_.panels() * panel_floats(); }
  void run(const GradientBlock& block, float* partial, bool accumulate, float* scratch) const override;
  void combine(const Partials& partials, float* gradient, size_t task, float* scratch) const override;

 private:
  int task_channels() const override { return kTaskChannels; }
  size_t point_floats() const { return odd_lines(static_cast<size_t>(c_.window.channels) * kPanel); }
  size_t panel_floats() const { return x_.points() * point_floats(); }
};

void ChunkGradient::run(const GradientBlock& block, float* partial, bool accumulate, float* scratch) const {
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

void ChunkGradient::combine(const Partials& partials, float* gradient, size_t task, float* scratch) const {
  const Task t = task_at(task);
  const size_t floats = t.channels * kPanel;
  for (size_t point = 0; point < x_.points(); ++point) {
    const float* sums = partials.at + t.panel * panel_floats() + point * point_floats() + t.begin * kPanel;
    kernels().sum_rows(sums, partials.chunks, static_cast<ptrdiff_t>(partials.stride), scratch + point * floats,
                       static_cast<int>(floats), false);
  }
  finish(t, scratch, gradient);
}

// For many channels and filters: the values of all tiles of the batch are laid out first, of the input and behind them
// of the output's gradient, and take less than sums of chunks would.
class BatchGradient : public WinogradKernelGradient {
 public:
  BatchGradient(const Conv& conv, size_t capacity) : WinogradKernelGradient(conv) {
    x_.block = dy_.block = capacity * x_.tiles();
  }

  bool keeps_batch() const override { return true; }
  int block_images() const override { return 1; }
  size_t partial_floats() const override { return x_.floats() + dy_.floats(); }

  void run(const GradientBlock& block, float* partial, bool, float*) const override {
    const size_t tiles = static_cast<size_t>(block.images) * x_.tiles();
    const size_t first = block.first * x_.tiles();
    x_.load(block.x, 0, tiles, partial + first * x_.row());
    dy_.load(block.dense, 0, tiles, partial + x_.floats() + first * dy_.row());
  }

  void combine(const Partials& partials, float* gradient, size_t task, float* scratch) const override {
    const Task t = task_at(task);
    const size_t floats = t.channels * kPanel;
    const int columns = c_.panel_columns(static_cast<int>(t.panel));
    // The padding of the last panel is nobody's gradient.
    if (columns < kPanel) std::fill(scratch, scratch + x_.points() * floats, 0.0f);
    Gemm g;
    g.m = static_cast<int>(t.channels);
    g.n = columns;
    g.depth = static_cast<int>(partials.images * x_.tiles());
    g.a = partials.at + t.begin;
    g.a_row = 1;
    g.a_depth = static_cast<ptrdiff_t>(x_.row());

    g.b = partials.at + x_.floats() + t.panel * kPanel;
    g.b_depth = static_cast<ptrdiff_t>(dy_.row());
    g.c = scratch;
    g.c_row = kPanel;
    kernels().gemm_batch(g, static_cast<int>(x_.points()), static_cast<ptrdiff_t>(x_.point()),
                         static_cast<ptrdiff_t>(dy_.point()), static_cast<ptrdiff_t>(floats));
    finish(t, scratch, gradient);
  }

 private:
  int task_channels() const override { return kBatchChannels; }
};

std::unique_ptr<KernelGradient> make(const Conv& conv, int capacity) {
  const size_t channels = static_cast<size_t>(conv.window.channels);
  const size_t filters = static_cast<size_t>(conv.filters);
  const size_t tiles = static_cast<size_t>(capacity) * tiles_along(conv.window.out_h) * tiles_along(conv.window.out_w);
  if (tiles * (channels + filters) <= kManyChunks * channels * filters)
    return std::make_unique<BatchGradient>(conv, static_cast<size_t>(capacity));
  return std::make_unique<ChunkGradient>(conv);
}

}  // namespace

const GradientAlgorithm<KernelGradient> kWinogradKernelGradient = {
    "winograd", [](const Conv& conv) { return winograd_declines(conv, WinogradKernelGradient::geometry(conv)); }, make};

}  // namespace convforge
