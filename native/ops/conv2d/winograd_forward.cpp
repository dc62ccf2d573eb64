// The forward pass by Winograd's algorithm. What else is done to an output is done to its tile in cache.
#include <algorithm>
#include <numeric>

#include "ops/conv2d/forward.h"
#include "ops/conv2d/winograd.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

// Channels of a task of the kernel's transform.
constexpr int kFilterChannels = 8;

class WinogradForward {
 public:
  WinogradForward(const Conv& conv, const OpBuffers& buffers, BufferId u)
      : c_(conv), b_(buffers), u_(u), winograd_(geometry(conv)) {
    band_rows_ = static_cast<size_t>(std::lcm(conv.pool_rows, Winograd::kOutputs));
  }

  static Winograd::Geometry geometry(const Conv& c) {
    const Window& w = c.window;
    return {w.rows,   w.height, w.width, w.channels, w.top, w.left, c.out_h * c.pool_rows, c.out_w * c.pool_columns,
            c.filters};
  }

  size_t filter_tasks() const {
    return c_.panels() * ceil_div(static_cast<size_t>(c_.window.channels), kFilterChannels);
  }
  void filter(const Step& s, size_t task) const;

  size_t scratch() const { return winograd_.scratch() + (in_strips() ? strip_floats() : 0); }
  size_t tasks(const Step& s) const {
    const size_t n = static_cast<size_t>(s.n);
    return in_strips() ? n * bands() : ceil_div(n * winograd_.tiles(), winograd_.block());
  }
  void run(const Step& s, size_t task, float* scratch) const;

 private:
  // Pooling windows of 2 x 2 are whole in a tile. For others a band of rows that are whole windows and whole tiles is
  // kept in a strip.
  bool in_strips() const { return c_.pool && (c_.pool_rows != 2 || c_.pool_columns != 2); }
  size_t conv_rows() const { return static_cast<size_t>(winograd_.geometry().out_h); }
  size_t conv_columns() const { return static_cast<size_t>(winograd_.geometry().out_w); }
  size_t bands() const { return ceil_div(conv_rows(), band_rows_); }
  size_t strip_floats() const { return band_rows_ * conv_columns() * static_cast<size_t>(c_.filters); }
  void run_tiles(const Step& s, size_t first, size_t count, float* scratch) const;
  void run_band(const Step& s, size_t task, float* scratch) const;
  void place_output(size_t tile, size_t first_row, WinogradOutput& o) const;

  const Conv& c_;
  OpBuffers b_;
  BufferId u_;
  Winograd winograd_;
  size_t band_rows_;
};

void WinogradForward::filter(const Step& s, size_t task) const {
  const int channels = c_.window.channels;
  const size_t panel = task % c_.panels();
  const int begin = static_cast<int>(task / c_.panels()) * kFilterChannels;
  const float* kernel = s.weights + c_.kernel_offset + panel * c_.depth() * kPanel;
  float* u = s.at(u_) + panel * winograd_.points() * winograd_.filter_point();
  WinogradFilter f;
  f.cell = static_cast<ptrdiff_t>(channels) * kPanel;
  f.point = static_cast<ptrdiff_t>(winograd_.filter_point());
  const int end = std::min(channels, begin + kFilterChannels);
  f.n = (end - begin) * kPanel;
  f.cells = kernel + static_cast<ptrdiff_t>(begin) * kPanel;
  f.points = u + static_cast<ptrdiff_t>(begin) * kPanel;
  kernels().winograd_filter(c_.window.rows, f);
}

// Where the tile's output goes in y, pooled 2 x 2 or as it is, y beginning at row `first_row`.
void WinogradForward::place_output(size_t tile, size_t first_row, WinogradOutput& o) const {
  const int size = o.pool ? Winograd::kOutputs / 2 : Winograd::kOutputs;
  const int height = static_cast<int>(conv_rows()) / (o.pool ? 2 : 1);
  const int width = static_cast<int>(conv_columns()) / (o.pool ? 2 : 1);
  const int row = static_cast<int>(tile / winograd_.tile_columns()) * size;
  const int column = static_cast<int>(tile % winograd_.tile_columns()) * size;
  o.rows = std::min(size, height - row);
  o.columns = std::min(size, width - column);
  o.y_row = static_cast<ptrdiff_t>(width) * c_.filters;
  o.y_column = c_.filters;
  const ptrdiff_t offset = (row - static_cast<ptrdiff_t>(first_row)) * o.y_row + column * o.y_column;
  o.y += offset;
  if (o.index) o.index += offset;
}

void WinogradForward::run(const Step& s, size_t task, float* scratch) const {
  if (in_strips()) {
    run_band(s, task, scratch);
    return;
  }
  const size_t first = task * winograd_.block();
  run_tiles(s, first, std::min(winograd_.block(), static_cast<size_t>(s.n) * winograd_.tiles() - first), scratch);
}

void WinogradForward::run_tiles(const Step& s, size_t first, size_t count, float* scratch) const {
  winograd_.load(s.at(b_.in), first, count, scratch);
  uint8_t* index = pool_index(s, b_);
  for (int panel = 0; panel < winograd_.panels(); ++panel) {
    winograd_.multiply(s.at(u_), panel, count, scratch);
    for (size_t i = 0; i < count; ++i) {
      const size_t image = (first + i) / winograd_.tiles() * c_.output_size() + static_cast<size_t>(panel) * kPanel;
      WinogradOutput o;
      o.bias = c_.has_bias ? s.weights + c_.bias_offset + panel * kPanel : nullptr;
      o.activation = c_.activation;
      o.pool = c_.pool;
      o.channels = winograd_.panel_columns(panel);
      o.y = s.at(b_.out) + image;
      o.index = index ? index + image : nullptr;
      place_output((first + i) % winograd_.tiles(), 0, o);
      winograd_.store(i, o, scratch);
    }
  }
}

void WinogradForward::run_band(const Step& s, size_t task, float* scratch) const {
  const size_t image = task / bands();
  const size_t first_row = task % bands() * band_rows_;
  const size_t rows = std::min(band_rows_, conv_rows() - first_row);
  const size_t begin = first_row / Winograd::kOutputs * winograd_.tile_columns();
  const size_t end = ceil_div(first_row + rows, Winograd::kOutputs) * winograd_.tile_columns();
  float* strip = scratch + winograd_.scratch();
  for (size_t first = begin; first < end; first += winograd_.block()) {
    const size_t count = std::min(winograd_.block(), end - first);
    winograd_.load(s.at(b_.in), image * winograd_.tiles() + first, count, scratch);
    for (int panel = 0; panel < winograd_.panels(); ++panel) {
      winograd_.multiply(s.at(u_), panel, count, scratch);
      for (size_t i = 0; i < count; ++i) {
        WinogradOutput o;
        o.bias = c_.has_bias ? s.weights + c_.bias_offset + panel * kPanel : nullptr;
        o.channels = winograd_.panel_columns(panel);
        o.y = strip + panel * kPanel;
        place_output(first + i, first_row, o);
        winograd_.store(i, o, scratch);
      }
    }
  }
  const size_t out_row = static_cast<size_t>(c_.out_w) * c_.filters;
  const size_t pool_rows = static_cast<size_t>(c_.pool_rows);
  uint8_t* index = pool_index(s, b_);
  PoolRow p;
  p.x_column = c_.filters;
  p.x_row = static_cast<ptrdiff_t>(conv_columns()) * c_.filters;
  p.rows = c_.pool_rows;
  p.outputs = c_.out_w;
  p.column_begin = c_.pool_begin.data();
  p.column_end = c_.pool_end.data();
  p.channels = c_.filters;
  p.y_column = c_.filters;
  for (size_t row = 0; row < rows; row += pool_rows) {
    const size_t offset = image * c_.output_size() + (first_row + row) / pool_rows * out_row;
    p.x = strip + static_cast<ptrdiff_t>(row) * p.x_row;
    p.y = s.at(b_.out) + offset;
    kernels().max_pool_u8(p, index ? index + offset : nullptr);
    activate_outputs(c_, p.y, out_row);
  }
}

void plan_winograd(const Conv& conv, Plan& plan, const OpBuffers& buffers) {
  const BufferId u = plan.lasting_workspace(Winograd(WinogradForward::geometry(conv)).filter_floats());
  const WinogradForward pass(conv, buffers, u);
  plan.need_scratch(pass.scratch());
  plan.weights_stage(
      u, [pass](const Step&) { return pass.filter_tasks(); },
      [pass](const Step& s, size_t task, float*) { pass.filter(s, task); });
  std::vector<BufferId> uses = {buffers.in, buffers.out, u};
  uses.insert(uses.end(), buffers.saved.begin(), buffers.saved.end());
  plan.stage(
      uses, [pass](const Step& s) { return pass.tasks(s); },
      [pass](const Step& s, size_t task, float* scratch) { pass.run(s, task, scratch); });
}

}  // namespace

const ForwardAlgorithm kWinogradForward = {"winograd", winograd_declines, plan_winograd};

}  // namespace convforge
