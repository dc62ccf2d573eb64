// 1x1 kernels of stride 1: images are one matrix of cells x channels, and all passes are matrix products. They are
// cache-blocked: each block of cells meets all panels of the kernel while it is in cache.
#include <algorithm>

#include "ops/conv2d/flipped_kernel.h"
#include "ops/conv2d/forward.h"
#include "ops/conv2d/gradient.h"
#include "ops/conv2d/panel_sums.h"
#include "ops/conv2d/pointwise.h"
#include "ops/division.h"
#include "ops/streams.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

// Floats of a block: a small part of the L2 cache, beside the next block and the kernel. The kernel gradient's blocks
// are twice as large, since its sums are read and written once per block.
constexpr size_t kCellBlockFloats = size_t{1} << 15;
// A block's cells are a multiple of kTileCells, which suits the tiles of every target, within these limits.
constexpr size_t kTileCells = 24;
constexpr size_t kMinCells = 48;
constexpr size_t kMaxCells = 240;
// The largest number of tasks of the forward pass.
constexpr size_t kCellTasks = 32;

size_t block_cells(size_t floats, int row) {
  return std::clamp(floats / static_cast<size_t>(row) / kTileCells * kTileCells, kMinCells, kMaxCells);
}

// Cells of a block in the forward pass and the input gradient.
size_t block_cells(const Conv& conv) {
  return block_cells(kCellBlockFloats, std::max(conv.window.channels, conv.filters));
}

// Calls run(first cell, number of cells) for blocks of about `cells` of the cells [begin, end).
template <typename Run>
void for_blocks(size_t cells, size_t begin, size_t end, Run run) {
  const size_t count = std::max<size_t>(1, (end - begin + cells / 2) / cells);
  for (size_t i = 0; i < count; ++i) {
    const size_t first = begin + (end - begin) * i / count;
    run(first, static_cast<int>(begin + (end - begin) * (i + 1) / count - first));
  }
}

// Images that make up a block. It is limited, so that a batch of small images is still several tasks.
int images_of(const Conv& conv, size_t cells) {
  constexpr size_t kMax = 8;
  return static_cast<int>(std::min(ceil_div(cells, conv.cells()), kMax));
}

// Whether a block is the first of its group. All blocks of a group read the same cells of A; the first one prefetches
// the next cells, which at the end are those of the next image.
bool begins_group(const Conv& conv, const FilterBlock& block) { return block.begin % conv.group_filters() == 0; }

}  // namespace

std::string decline_pointwise(const Conv& conv) {
  const Window& w = conv.window;
  if (w.rows != 1 || w.columns != 1)
    return "kernel " + std::to_string(w.rows) + "x" + std::to_string(w.columns) + "; takes 1x1";
  if (w.stride_h != 1 || w.stride_w != 1)
    return "strides " + std::to_string(w.stride_h) + "x" + std::to_string(w.stride_w);
  if (w.padded()) return "its input is padded";
  return {};
}

void run_pointwise(const Conv& c, const PointwiseCells& cells, size_t first_part, size_t end_part, float* scratch) {
  Gemm g;
  g.depth = c.group_channels();
  g.a_row = c.window.channels;
  g.a_depth = 1;
  g.b_depth = kPanel;
  g.b_panel = static_cast<ptrdiff_t>(c.depth()) * kPanel;
  g.c_row = c.filters;
  g.prefetch_c = true;
  g.scratch = scratch;
  g.relu = c.activation.clips();
  g.maximum = c.activation.maximum;
  g.stream = cells.stream;
  for_blocks(block_cells(c), 0, cells.count, [&](size_t first, int count) {
    g.m = count;
    c.for_filters(first_part, end_part, [&](const FilterBlock& block) {
      g.n = block.count;
      g.a = cells.x + first * static_cast<size_t>(c.window.channels) + c.first_channel(block);
      g.b = cells.kernel + c.panel_offset(block);
      g.c = cells.y + first * static_cast<size_t>(c.filters) + block.begin;
      g.bias = cells.bias ? cells.bias + block.begin : nullptr;
      g.a_prefetch = begins_group(c, block) ? count * g.a_row : 0;
      kernels().gemm(g);
      if (!g.relu) activate_outputs(c, g.c, static_cast<size_t>(count), static_cast<size_t>(block.count));
    });
  });
}

namespace {

std::string decline_forward(const Conv& conv) {
  std::string reason = decline_pointwise(conv);
  if (reason.empty() && conv.pool) reason = "its output is pooled on the way";
  return reason;
}

// How the matrix of a batch is cut into tasks. Few cells are cut by filters too, and a small product not at all.
Cut forward_cut(const Conv& c, size_t cells) {
  const size_t blocks = ceil_div(cells, block_cells(c));
  if (blocks >= kMaxTasks) return {std::min(kCellTasks, blocks), 1};
  const double images = static_cast<double>(cells) / static_cast<double>(c.cells());
  return cut_product(tasks_of(images * c.flops()), std::max<size_t>(1, cells / kMinCells),
                     static_cast<double>(cells) * c.window.channels, c.filter_parts(),
                     static_cast<double>(c.depth()) * c.filters);
}

void run_forward(const Conv& c, const OpBuffers& b, const Step& s, size_t begin, size_t end, size_t first_part,
                 size_t end_part, float* scratch) {
  PointwiseCells cells;
  cells.x = s.at(b.in) + begin * static_cast<size_t>(c.window.channels);
  cells.y = s.at(b.out) + begin * static_cast<size_t>(c.filters);
  cells.count = end - begin;
  cells.kernel = forward_kernel(c, s, b);
  cells.bias = forward_bias(c, s, b);
  cells.stream = c.in_kernel() && c.groups == 1 && streams(static_cast<size_t>(s.n), c.output_size(), c.filters);
  run_pointwise(c, cells, first_part, end_part, scratch);
}

void plan_forward(const Conv& conv, Plan& plan, const OpBuffers& buffers) {
  const auto cells = [&conv](const Step& s) { return static_cast<size_t>(s.n) * conv.cells(); };
  plan.need_scratch(kGemmScratch);
  plan.stage(
      {buffers.in, buffers.out}, [=, &conv](const Step& s) { return forward_cut(conv, cells(s)).tasks(); },
      [=, &conv](const Step& s, size_t task, float* scratch) {
        const auto [rows, columns] = forward_cut(conv, cells(s));
        const size_t row = task / columns;
        const size_t column = task % columns;
        const size_t parts = conv.filter_parts();
        run_forward(conv, buffers, s, cells(s) * row / rows, cells(s) * (row + 1) / rows, parts * column / columns,
                    parts * (column + 1) / columns, scratch);
      });
}

class PointwiseKernelGradient : public PanelSums {
 public:
  explicit PointwiseKernelGradient(const Conv& conv) : PanelSums(conv) {}

  int block_images() const override { return images_of(c_, cells_of_block()); }

  size_t scratch() const override { return kGemmScratch; }

  void run(const GradientBlock& block, float* partial, bool accumulate, float* scratch) const override {
    // Zeroes the padding of the last panel.
    if (!accumulate && c_.filters % kPanel != 0)
      std::fill(partial + (c_.panels() - 1) * c_.depth() * kPanel, partial + partial_floats(), 0.0f);
    const size_t channels = static_cast<size_t>(c_.window.channels);
    Gemm g;
    g.m = c_.group_channels();
    g.a_row = 1;
    g.a_depth = c_.window.channels;
    g.b_depth = c_.filters;
    g.c_row = kPanel;
    g.c_panel = static_cast<ptrdiff_t>(c_.depth()) * kPanel;
    g.prefetch_c = true;
    g.scratch = scratch;
    for_blocks(cells_of_block(), 0, static_cast<size_t>(block.images) * c_.cells(), [&](size_t first, int cells) {
      g.depth = cells;
      g.accumulate = accumulate || first > 0;
      for (const FilterBlock& filters : c_.spans) {
        g.n = filters.count;
        g.a = block.x + first * channels + c_.first_channel(filters);
        g.b = block.dense + first * c_.filters + filters.begin;
        g.c = partial + c_.panel_offset(filters);
        g.a_prefetch = begins_group(c_, filters) ? cells * g.a_depth : 0;
        g.b_prefetch = cells * g.b_depth;
        kernels().gemm(g);
      }
    });
  }

 private:
  size_t cells_of_block() const { return block_cells(2 * kCellBlockFloats, c_.window.channels); }
};

// dX [cells][channels] = dY [cells][filters] * the transposed kernel.
class PointwiseInputGradient : public FlippedKernel {
 public:
  using FlippedKernel::FlippedKernel;

  int block_images() const override { return images_of(c_, block_cells(c_)); }

  size_t scratch() const override { return kGemmScratch; }

  void run(const GradientBlock& block, const float* prepared, float* dx, float* scratch) const override {
    const size_t channels = static_cast<size_t>(c_.window.channels);
    Gemm g;
    g.n = c_.group_channels();
    g.depth = c_.group_filters();
    g.a_row = c_.filters;
    g.a_depth = 1;
    g.b_depth = kPanel;
    g.b_panel = panel_floats();
    g.c_row = c_.window.channels;
    g.prefetch_c = true;
    g.scratch = scratch;
    g.stream = c_.groups == 1 && streams(block.batch, c_.input_size(), c_.window.channels);
    for_blocks(block_cells(c_), 0, static_cast<size_t>(block.images) * c_.cells(), [&](size_t first, int cells) {
      g.m = cells;
      for (int group = 0; group < c_.groups; ++group) {
        g.a = block.dense + first * c_.filters + group * c_.group_filters();
        g.b = panel(prepared, group, 0);
        g.c = dx + first * channels + group * c_.group_channels();
        g.a_prefetch = cells * g.a_row;
        kernels().gemm(g);
      }
    });
  }
};

}  // namespace

const ForwardAlgorithm kPointwiseForward = {"pointwise", decline_forward, [](const Conv&) { return true; },
                                            plan_forward};
const GradientAlgorithm<KernelGradient> kPointwiseKernelGradient = {
    "pointwise", decline_pointwise, [](const Conv& conv) -> std::unique_ptr<KernelGradient> {
      return std::make_unique<PointwiseKernelGradient>(conv);
    }};
const GradientAlgorithm<InputGradient> kPointwiseInputGradient = {
    "pointwise", decline_pointwise,
    [](const Conv& conv) -> std::unique_ptr<InputGradient> { return std::make_unique<PointwiseInputGradient>(conv); }};

}  // namespace convforge
