#include "ops/conv2d/winograd.h"

#include <algorithm>

#include "targets/dispatch.h"

namespace convforge {
namespace {

// Tiles come in twelves, the rows of the widest matrix kernel...
constexpr size_t kTiles = 12;
// ...as many as keep their values and products within so many floats, a part of a core's second cache...
constexpr size_t kBlockFloats = size_t{84} << 10;
// ...and at most so many twelves.
constexpr size_t kMostTwelves = 4;

// Cost of the transforms of a tile's channel, in multiply-adds for each of its points.
constexpr double kTransform = 12;

}  // namespace

std::string winograd_declines(const Conv& conv) {
  const Window& w = conv.window;
  const auto by = [](int a, int b) { return std::to_string(a) + "x" + std::to_string(b); };
  if (conv.exact) return "exact results are wanted";
  if (conv.groups > 1) return "its channels are in groups";
  if (w.stride_h != 1 || w.stride_w != 1) return "strides " + by(w.stride_h, w.stride_w);
  if (w.dilation_h != 1 || w.dilation_w != 1) return "dilation " + by(w.dilation_h, w.dilation_w);
  if (w.rows != w.columns || (w.rows != 3 && w.rows != 5))
    return "kernel " + by(w.rows, w.columns) + "; takes 3x3 and 5x5";
  const double points = (w.rows + 3.0) * (w.rows + 3.0);
  const double tiles = static_cast<double>(ceil_div(static_cast<size_t>(w.out_h), Winograd::kOutputs) *
                                           ceil_div(static_cast<size_t>(w.out_w), Winograd::kOutputs));
  const double cost = tiles * points * (1 + kTransform / w.channels + kTransform / conv.filters);
  if (cost >= static_cast<double>(conv.cells()) * w.rows * w.columns)
    return by(w.out_h, w.out_w) + " outputs of " + std::to_string(w.channels) + " channels for " +
           std::to_string(conv.filters) + " filters: the transforms cost more than they save";
  return {};
}

Winograd::Winograd(const Geometry& geometry)
    : g_(geometry),
      tile_rows_(ceil_div(static_cast<size_t>(geometry.out_h), kOutputs)),
      tile_columns_(ceil_div(static_cast<size_t>(geometry.out_w), kOutputs)) {
  v_row_ = round_up(static_cast<size_t>(g_.channels), kLineFloats);
  const size_t twelve = kTiles * points() * (v_row_ + kPanel);
  block_ = kTiles * std::clamp<size_t>(kBlockFloats / twelve, 1, kMostTwelves);
  v_point_ = odd_lines(block_ * v_row_);
  m_point_ = odd_lines(block_ * kPanel);
}

void Winograd::load(const float* x, size_t first, size_t count, float* scratch) const {
  const int size = g_.taps + 3;
  WinogradTile t;
  t.x_row = static_cast<ptrdiff_t>(g_.width) * g_.channels;
  t.x_column = g_.channels;
  t.channels = g_.channels;
  t.point = static_cast<ptrdiff_t>(v_point_);
  for (size_t i = 0; i < count; ++i) {
    const size_t image = (first + i) / tiles();
    const size_t tile = (first + i) % tiles();
    const int row = static_cast<int>(tile / tile_columns_) * kOutputs - g_.top;
    const int column = static_cast<int>(tile % tile_columns_) * kOutputs - g_.left;
    t.row_begin = std::max(0, -row);
    t.row_end = std::min(size, g_.height - row);
    t.column_begin = std::max(0, -column);
    t.column_end = std::min(size, g_.width - column);
    t.x = x + static_cast<ptrdiff_t>(image) * g_.height * t.x_row + row * t.x_row + column * t.x_column;
    t.points = scratch + i * v_row_;
    kernels().winograd_input(g_.taps, t);
  }
}

void Winograd::multiply(const float* u, int panel, size_t count, float* scratch) const {
  Gemm g;
  g.m = static_cast<int>(count);
  g.n = static_cast<int>(round_up(static_cast<size_t>(panel_columns(panel)), kLineFloats));
  g.depth = g_.channels;
  g.a = scratch;
  g.a_row = static_cast<ptrdiff_t>(v_row_);
  g.a_depth = 1;
  g.b = filter_panel(u, panel);
  g.b_depth = kPanel;
  g.c = scratch + points() * v_point_;
  g.c_row = kPanel;
  kernels().gemm_batch(g, static_cast<int>(points()), static_cast<ptrdiff_t>(v_point_),
                       static_cast<ptrdiff_t>(filter_point()), static_cast<ptrdiff_t>(m_point_));
}

void Winograd::store(size_t tile, WinogradOutput o, const float* scratch) const {
  o.points = scratch + points() * v_point_ + tile * kPanel;
  o.point = static_cast<ptrdiff_t>(m_point_);
  kernels().winograd_output(g_.taps, o);
}

}  // namespace convforge
