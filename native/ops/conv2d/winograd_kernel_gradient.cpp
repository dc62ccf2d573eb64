// The kernel gradient by Winograd's algorithm: at each point, the sum over tiles of the products of the input's and the
// output gradient's values.
#include <algorithm>

#include "ops/conv2d/gradient.h"
#include "ops/conv2d/winograd.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

// Channels per task that adds chunks.
constexpr size_t kTaskChannels = 8;
// Channels per task that multiplies stored tiles: twice the rows of the largest micro-kernel tile.
constexpr size_t kBatchChannels = 24;

// Large batches: each chunk goes through a few tiles at a time, whose values stay in cache, and has its own sums
// partial[panel][point][channels][kPanel], with a gap between points.
//
// Small batches with many channels and filters: such sums would take more memory than the tiles. run() stores the
// values of all tiles, the input's and then the output gradient's, and combine() multiplies over all of them.
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
  bool handles_padding() const override { return true; }
  size_t scratch() const override { return x_.floats() + dy_.floats(); }
  size_t partial_floats() const override { return c_.panels() * panel_floats(); }

  // As many images as take no more memory than the sums of all chunks.
  size_t max_stored_images() const override {
    const size_t filters = static_cast<size_t>(c_.filters);
    return kChunks * channels() * filters / (x_.tiles() * (channels() + filters));
  }
  size_t stored_floats(size_t images) const override {
    return images == 0 ? 0 : all(x_, images).floats() + all(dy_, images).floats();
  }

  void run(const GradientBlock& block, float* partial, bool accumulate, float* scratch) const override {
    stores_images(block.batch) ? store_tiles(block, partial) : add_tiles(block, partial, accumulate, scratch);
  }

  size_t combine_tasks(size_t images) const override {
    return c_.panels() * ceil_div(channels(), task_channels(images));
  }
  size_t combine_scratch() const override { return x_.points() * kBatchChannels * kPanel; }
  void combine(const Partials& partials, float* gradient, size_t task, float* scratch) const override;

 private:
  // A panel and some channels.
  struct Task {
    size_t panel;
    size_t begin;
    size_t channels;
    size_t floats() const { return channels * kPanel; }
  };

  size_t channels() const { return static_cast<size_t>(c_.window.channels); }
  size_t point_floats() const { return odd_lines(channels() * kPanel); }
  size_t panel_floats() const { return x_.points() * point_floats(); }
  bool stores_images(size_t images) const { return images <= max_stored_images(); }
  size_t task_channels(size_t images) const { return stores_images(images) ? kBatchChannels : kTaskChannels; }
  // The tiles of all `images` at once.
  static WinogradTiles all(WinogradTiles tiles, size_t images) {
    tiles.block = images * tiles.tiles();
    return tiles;
  }

  void add_tiles(const GradientBlock& block, float* partial, bool accumulate, float* scratch) const;
  void store_tiles(const GradientBlock& block, float* values) const;
  // Both write the sums at the points, [point][channels][kPanel].
  void add_chunks(const Partials& partials, const Task& task, float* sums) const;
  void multiply(const Partials& partials, const Task& task, float* sums) const;

  const Conv& c_;
  WinogradTiles x_;
  WinogradTiles dy_;
};

void WinogradKernelGradient::add_tiles(const GradientBlock& block, float* partial, bool accumulate,
                                       float* scratch) const {
  // Zeroes the padding of the last panel.
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

void WinogradKernelGradient::store_tiles(const GradientBlock& block, float* values) const {
  const WinogradTiles x = all(x_, block.batch);
  const WinogradTiles dy = all(dy_, block.batch);
  const size_t count = static_cast<size_t>(block.images) * x.tiles();
  const size_t first = block.first * x.tiles();
  x.load(block.x, 0, count, values + first * x.row());
  dy.load(block.dense, 0, count, values + x.floats() + first * dy.row());
}

void WinogradKernelGradient::combine(const Partials& partials, float* gradient, size_t task, float* scratch) const {
  const size_t each = task_channels(partials.images);
  const size_t begin = task / c_.panels() * each;
  const Task t = {task % c_.panels(), begin, std::min(each, channels() - begin)};
  stores_images(partials.images) ? multiply(partials, t, scratch) : add_chunks(partials, t, scratch);
  WinogradFilterGradient f;
  f.points = scratch;
  f.point = static_cast<ptrdiff_t>(t.floats());
  f.n = static_cast<int>(t.floats());
  f.cells = gradient + t.panel * c_.depth() * kPanel + t.begin * kPanel;
  f.cell = static_cast<ptrdiff_t>(c_.window.channels) * kPanel;
  kernels().winograd_filter_gradient(c_.window.rows, f);
}

void WinogradKernelGradient::add_chunks(const Partials& partials, const Task& task, float* sums) const {
  for (size_t point = 0; point < x_.points(); ++point) {
    const float* first = partials.at + task.panel * panel_floats() + point * point_floats() + task.begin * kPanel;
    kernels().sum_rows(first, partials.chunks, static_cast<ptrdiff_t>(partials.stride), sums + point * task.floats(),
                       static_cast<int>(task.floats()), false);
  }
}

void WinogradKernelGradient::multiply(const Partials& partials, const Task& task, float* sums) const {
  const WinogradTiles x = all(x_, partials.images);
  const WinogradTiles dy = all(dy_, partials.images);
  Gemm g;
  g.m = static_cast<int>(task.channels);
  g.n = c_.panel_columns(static_cast<int>(task.panel));
  g.depth = static_cast<int>(x.block);
  g.a = partials.at + task.begin;
  g.a_row = 1;
  g.a_depth = static_cast<ptrdiff_t>(x.row());
  g.b = partials.at + x.floats() + task.panel * kPanel;
  g.b_depth = static_cast<ptrdiff_t>(dy.row());
  g.c = sums;
  g.c_row = kPanel;
  // Zeroes the padding of the last panel.
  if (g.n < kPanel) std::fill(sums, sums + x.points() * task.floats(), 0.0f);
  kernels().gemm_batch(g, static_cast<int>(x.points()), static_cast<ptrdiff_t>(x.point()),
                       static_cast<ptrdiff_t>(dy.point()), static_cast<ptrdiff_t>(task.floats()));
}

}  // namespace

const GradientAlgorithm<KernelGradient> kWinogradKernelGradient = {
    "winograd", [](const Conv& conv) { return winograd_declines(conv, WinogradKernelGradient::geometry(conv)); },
    [](const Conv& conv) -> std::unique_ptr<KernelGradient> { return std::make_unique<WinogradKernelGradient>(conv); }};

}  // namespace convforge
