#include "ops/conv2d/winograd.h"

#include "targets/dispatch.h"

namespace convforge {
namespace {

constexpr size_t kTiles = 12;                          // tiles in a group
constexpr size_t kTileBlockFloats = size_t{84} << 10;  // floats of a block's values
constexpr size_t kMaxGroups = 4;                       // groups in a block

// Floats of a group that is larger than a second-level cache.
constexpr size_t kSpilledFloats = size_t{112} << 10;

// Cost of transforming one channel of a tile, in multiply-adds per point.
constexpr double kTransform = 12;

// Tiles of a block whose products are computed at once. If a single group spills from the cache, larger blocks do too,
// but read the kernel less often.
size_t product_block(size_t floats) {
  return kTiles * floats > kSpilledFloats ? kTiles * kMaxGroups : winograd_block(floats);
}

}  // namespace

size_t winograd_block(size_t floats) {
  return kTiles * std::clamp<size_t>(kTileBlockFloats / (kTiles * floats), 1, kMaxGroups);
}

void WinogradTiles::load(const float* images, size_t first, size_t count, float* values) const {
  WinogradTile t;
  t.x_row = static_cast<ptrdiff_t>(width) * channels;
  t.x_column = channels;
  t.channels = channels;
  t.point = static_cast<ptrdiff_t>(point());
  for (size_t i = 0; i < count; ++i) {
    const ptrdiff_t image = static_cast<ptrdiff_t>((first + i) / tiles());
    const size_t tile = (first + i) % tiles();
    const int y = static_cast<int>(tile / columns) * kTileOutputs - top;
    const int x = static_cast<int>(tile % columns) * kTileOutputs - left;
    t.row_begin = std::max(0, -y);
    t.row_end = std::min(side, height - y);
    t.column_begin = std::max(0, -x);
    t.column_end = std::min(side, width - x);
    t.x = images + (image * height + y) * t.x_row + x * t.x_column;
    t.points = values + i * row();
    transform(taps, t);
  }
}

Winograd::Winograd(const Geometry& geometry) : g_(geometry) {
  tiles_.transform = kernels().winograd_input;
  tiles_.taps = g_.taps;
  tiles_.side = g_.taps + 3;
  tiles_.height = g_.height;
  tiles_.width = g_.width;
  tiles_.channels = g_.channels;
  tiles_.top = g_.top;
  tiles_.left = g_.left;
  tiles_.rows = tiles_along(g_.out_h);
  tiles_.columns = tiles_along(g_.out_w);
  tiles_.block = product_block(tiles_.points() * (tiles_.row() + kPanel));
}

void Winograd::multiply(const float* u, int panel, size_t count, float* scratch) const {
  Gemm g;
  g.m = static_cast<int>(count);
  g.n = static_cast<int>(round_up(static_cast<size_t>(panel_columns(panel)), kLineFloats));
  g.depth = g_.channels;
  g.a = scratch;
  g.a_row = static_cast<ptrdiff_t>(tiles_.row());
  g.a_depth = 1;
  g.b = u + static_cast<size_t>(panel) * filter_panel();
  g.b_depth = kPanel;
  g.c = scratch + tiles_.floats();
  g.c_row = kPanel;
  kernels().gemm_batch(g, static_cast<int>(tiles_.points()), static_cast<ptrdiff_t>(tiles_.point()),
                       static_cast<ptrdiff_t>(filter_point()), static_cast<ptrdiff_t>(products_point()));
}

void Winograd::store(size_t tile, size_t slot, int panel, size_t first_row, WinogradOutput o,
                     const float* scratch) const {
  o.points = scratch + tiles_.floats() + slot * kPanel;
  o.point = static_cast<ptrdiff_t>(products_point());
  o.channels = panel_columns(panel);
  output(tile, first_row, o);
}

void Winograd::output(size_t tile, size_t first_row, WinogradOutput o) const {
  const int pool = o.pool ? 2 : 1;
  const int size = kTileOutputs / pool;
  const int height = g_.out_h / pool;
  const int width = g_.out_w / pool;
  tile %= tiles_.tiles();
  const int row = static_cast<int>(tile / tiles_.columns) * size;
  const int column = static_cast<int>(tile % tiles_.columns) * size;
  o.rows = std::min(size, height - row);
  o.columns = std::min(size, width - column);
  o.y_row = static_cast<ptrdiff_t>(width) * g_.filters;
  o.y_column = g_.filters;
  const ptrdiff_t offset = (row - static_cast<ptrdiff_t>(first_row)) * o.y_row + column * o.y_column;
  o.y += offset;
  if (o.index) o.index += offset;
  kernels().winograd_output(g_.taps, o);
}

Winograd::Geometry input_gradient_geometry(const Conv& conv) {
  const Window& w = conv.window;
  return {w.rows,   w.out_h, w.out_w,   conv.filters, w.rows - 1 - w.top, w.columns - 1 - w.left,
          w.height, w.width, w.channels};
}

double winograd_cost(const Winograd::Geometry& pass) {
  const double points = (pass.taps + 3.0) * (pass.taps + 3.0);
  const double tiles = static_cast<double>(tiles_along(pass.out_h) * tiles_along(pass.out_w));
  return tiles * points * (1 + kTransform / pass.channels + kTransform / pass.filters);
}

std::string winograd_declines(const Conv& conv, const Winograd::Geometry& pass) {
  const Window& w = conv.window;
  const auto by = [](int a, int b) { return std::to_string(a) + "x" + std::to_string(b); };
  if (conv.exact) return "exact results are required";
  if (conv.groups > 1) return "its channels are grouped";
  if (w.stride_h != 1 || w.stride_w != 1) return "strides " + by(w.stride_h, w.stride_w);
  if (w.dilation_h != 1 || w.dilation_w != 1) return "dilation " + by(w.dilation_h, w.dilation_w);
  if (w.rows != w.columns || (w.rows != 3 && w.rows != 5))
    return "kernel " + by(w.rows, w.columns) + "; takes 3x3 and 5x5";
  if (winograd_cost(pass) < static_cast<double>(conv.cells()) * w.rows * w.columns) return {};
  return by(w.out_h, w.out_w) + " outputs of " + std::to_string(w.channels) + " channels for " +
         std::to_string(conv.filters) + " filters: the transforms cost more than they save";
}

}  // namespace convforge
