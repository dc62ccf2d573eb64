// The forward pass by Winograd's algorithm. The epilogue is applied to each tile while it is in cache.
#include <algorithm>
#include <numeric>

#include "ops/conv2d/forward.h"
#include "ops/conv2d/winograd.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

// Channels per task of the kernel's transform.
constexpr int kFilterChannels = 8;

class WinogradForward {
 public:
  WinogradForward(const Conv& conv, const OpBuffers& buffers, BufferId u)
      : c_(conv), b_(buffers), u_(u), winograd_(geometry(conv)) {
    band_rows_ = static_cast<size_t>(std::lcm(conv.pool_rows, kTileOutputs));
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
    return in_strips() ? n * bands() : ceil_div(n * winograd_.tiles().tiles(), winograd_.tiles().block);
  }
  void run(const Step& s, size_t task, float* scratch) const;

 private:
  // Pooling windows of 2 x 2 lie within a tile. For others, a task computes a band of rows, of whole windows and whole
  // tiles, into a strip and pools that.
  bool in_strips() const { return c_.pool && (c_.pool_rows != 2 || c_.pool_columns != 2); }
  const float* bias(const Step& s, int panel) const {
    const float* all = forward_bias(c_, s, b_);
    return all ? all + panel * kPanel : nullptr;
  }
  size_t conv_rows() const { return static_cast<size_t>(winograd_.geometry().out_h); }
  size_t conv_columns() const { return static_cast<size_t>(winograd_.geometry().out_w); }
  size_t bands() const { return ceil_div(conv_rows(), band_rows_); }
  size_t strip_floats() const { return band_rows_ * conv_columns() * static_cast<size_t>(c_.filters); }
  void run_band(const Step& s, size_t task, float* scratch) const;
  void pool_strip(const Step& s, size_t image, size_t first_row, size_t rows, const float* strip) const;

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
  const float* kernel = forward_kernel(c_, s, b_) + panel * c_.depth() * kPanel;
  float* u = s.at(u_) + panel * winograd_.filter_panel();
  WinogradFilter f;
  f.cell = static_cast<ptrdiff_t>(channels) * kPanel;
  f.point = static_cast<ptrdiff_t>(winograd_.filter_point());
  const int end = std::min(channels, begin + kFilterChannels);
  f.n = (end - begin) * kPanel;
  f.cells = kernel + static_cast<ptrdiff_t>(begin) * kPanel;
  f.points = u + static_cast<ptrdiff_t>(begin) * kPanel;
  kernels().winograd_filter(c_.window.rows, f);
}

void WinogradForward::run(const Step& s, size_t task, float* scratch) const {
  if (in_strips()) {
    run_band(s, task, scratch);
    return;
  }
  const WinogradTiles& tiles = winograd_.tiles();
  const size_t end = std::min((task + 1) * tiles.block, static_cast<size_t>(s.n) * tiles.tiles());
  float* y = s.at(b_.out);
  uint8_t* index = pool_index(s, b_);
  winograd_.run(s.at(b_.in), s.at(u_), task * tiles.block, end, 0, scratch, [&](size_t image, int panel) {
    const size_t offset = image * c_.output_size() + static_cast<size_t>(panel) * kPanel;
    WinogradOutput o;
    o.bias = bias(s, panel);
    o.activation = c_.activation;
    o.pool = c_.pool;
    o.y = y + offset;
    o.index = index ? index + offset : nullptr;
    return o;
  });
}

void WinogradForward::run_band(const Step& s, size_t task, float* scratch) const {
  const WinogradTiles& tiles = winograd_.tiles();
  const size_t image = task / bands();
  const size_t first_row = task % bands() * band_rows_;
  const size_t rows = std::min(band_rows_, conv_rows() - first_row);
  const size_t begin = image * tiles.tiles() + first_row / kTileOutputs * tiles.columns;
  const size_t end = begin + ceil_div(rows, kTileOutputs) * tiles.columns;
  float* strip = scratch + winograd_.scratch();
  winograd_.run(s.at(b_.in), s.at(u_), begin, end, first_row, scratch, [&](size_t, int panel) {
    WinogradOutput o;
    o.bias = bias(s, panel);
    o.y = strip + panel * kPanel;
    return o;
  });
  pool_strip(s, image, first_row, rows, strip);
}

void WinogradForward::pool_strip(const Step& s, size_t image, size_t first_row, size_t rows, const float* strip) const {
  const size_t out_row = static_cast<size_t>(c_.out_w) * c_.filters;
  const size_t pool_rows = static_cast<size_t>(c_.pool_rows);
  uint8_t* index = pool_index(s, b_);
  PoolRow p = pool_row(c_);
  p.x_column = c_.filters;
  p.x_row = static_cast<ptrdiff_t>(conv_columns()) * c_.filters;
  p.channels = c_.filters;
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
      {u, buffers.kernel}, [pass](const Step&) { return pass.filter_tasks(); },
      [pass](const Step& s, size_t task, float*) { pass.filter(s, task); });
  std::vector<BufferId> uses = {buffers.in, buffers.out, u};
  uses.insert(uses.end(), buffers.saved.begin(), buffers.saved.end());
  plan.stage(
      uses, [pass](const Step& s) { return pass.tasks(s); },
      [pass](const Step& s, size_t task, float* scratch) { pass.run(s, task, scratch); });
}

}  // namespace

const ForwardAlgorithm kWinogradForward = {
    "winograd", true, [](const Conv& conv) { return winograd_declines(conv, WinogradForward::geometry(conv)); },
    plan_winograd};

}  // namespace convforge
