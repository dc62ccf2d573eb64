// The forward pass by Winograd's algorithm. The epilogue is applied to each tile while it is in cache.
#include <algorithm>
#include <numeric>

#include "ops/conv2d/forward.h"
#include "ops/conv2d/winograd.h"
#include "ops/conv2d/winograd_few.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

// Channels per task of the kernel's transform.
constexpr int kFilterChannels = 8;
// The largest number of tiles that are few.
constexpr size_t kFewTiles = 64;

class WinogradForward {
 public:
  WinogradForward(const Conv& conv, const OpBuffers& buffers, size_t capacity)
      : c_(conv),
        b_(buffers),
        winograd_(geometry(conv)),
        few_(winograd_, std::min(capacity * winograd_.tiles().tiles(), kFewTiles)) {
    band_rows_ = static_cast<size_t>(std::lcm(conv.pool_rows, kTileOutputs));
  }

  // Adds the stages of the pass.
  void plan(Plan& plan);
  // Whether they read the kernel itself, besides those that run for new weights.
  bool reads_kernel() const { return takes_few() && few_.transforms(); }

  static Winograd::Geometry geometry(const Conv& c) {
    const Window& w = c.window;
    return {w.rows,   w.height, w.width, w.channels, w.top, w.left, c.out_h * c.pool_rows, c.out_w * c.pool_columns,
            c.filters};
  }

 private:
  void plan_few(Plan& plan);
  void plan_many(Plan& plan);
  // Of a batch, or of the largest one.
  size_t tiles(size_t images) const { return images * winograd_.tiles().tiles(); }
  size_t tiles(const Step& s) const { return tiles(static_cast<size_t>(s.n)); }
  bool takes_few() const { return !in_strips() && winograd_.tiles().tiles() <= kFewTiles; }
  bool is_few(const Step& s) const { return takes_few() && tiles(s) <= kFewTiles; }
  size_t filter_tasks() const {
    return c_.panels() * ceil_div(static_cast<size_t>(c_.window.channels), kFilterChannels);
  }
  void filter(const Step& s, size_t task) const;
  const float* kernel(const Step& s) const { return forward_kernel(c_, s, b_); }

  size_t tasks(const Step& s) const {
    return in_strips() ? static_cast<size_t>(s.n) * bands() : ceil_div(tiles(s), winograd_.tiles().block);
  }
  void run(const Step& s, size_t task, float* scratch) const;
  void run_few(const Step& s, size_t task, float* scratch) const;

  // Pooling windows of 2 x 2 lie within a tile. For others, a task computes a band of rows, of whole windows and whole
  // tiles, into a strip and pools that.
  bool in_strips() const { return c_.pool && (c_.pool_rows != 2 || c_.pool_columns != 2); }
  const float* bias(const Step& s, int filter) const {
    const float* all = forward_bias(c_, s, b_);
    return all ? all + filter : nullptr;
  }
  // The epilogue of an image for the filters from `filter` on.
  WinogradOutput output(const Step& s, size_t image, int filter) const;
  size_t conv_rows() const { return static_cast<size_t>(winograd_.geometry().out_h); }
  size_t conv_columns() const { return static_cast<size_t>(winograd_.geometry().out_w); }
  size_t bands() const { return ceil_div(conv_rows(), band_rows_); }
  size_t strip_floats() const { return band_rows_ * conv_columns() * static_cast<size_t>(c_.filters); }
  void run_band(const Step& s, size_t task, float* scratch) const;
  void pool_strip(const Step& s, size_t image, size_t first_row, size_t rows, const float* strip) const;

  const Conv& c_;
  OpBuffers b_;
  Winograd winograd_;
  FewTiles few_;
  BufferId u_ = kNoBuffer;       // the kernel at the points
  BufferId values_ = kNoBuffer;  // few tiles at the points
  size_t band_rows_;
};

void WinogradForward::filter(const Step& s, size_t task) const {
  const int channels = c_.window.channels;
  const size_t panel = task % c_.panels();
  const int begin = static_cast<int>(task / c_.panels()) * kFilterChannels;
  float* u = s.at(u_) + panel * winograd_.filter_panel();
  WinogradFilter f;
  f.cell = static_cast<ptrdiff_t>(channels) * kPanel;
  f.point = static_cast<ptrdiff_t>(winograd_.filter_point());
  const int end = std::min(channels, begin + kFilterChannels);
  f.n = (end - begin) * kPanel;
  f.cells = kernel(s) + panel * c_.depth() * kPanel + static_cast<ptrdiff_t>(begin) * kPanel;
  f.points = u + static_cast<ptrdiff_t>(begin) * kPanel;
  kernels().winograd_filter(c_.window.rows, f);
}

WinogradOutput WinogradForward::output(const Step& s, size_t image, int filter) const {
  const size_t offset = image * c_.output_size() + static_cast<size_t>(filter);
  uint8_t* index = pool_index(s, b_);
  WinogradOutput o;
  o.bias = bias(s, filter);
  o.activation = c_.activation;
  o.pool = c_.pool;
  o.y = s.at(b_.out) + offset;
  o.index = index ? index + offset : nullptr;
  return o;
}

void WinogradForward::run(const Step& s, size_t task, float* scratch) const {
  if (in_strips()) {
    run_band(s, task, scratch);
    return;
  }
  const size_t begin = tiles(s) * task / tasks(s);
  const size_t end = tiles(s) * (task + 1) / tasks(s);
  winograd_.run(s.at(b_.in), s.at(u_), begin, end, 0, scratch,
                [&](size_t image, int panel) { return output(s, image, panel * kPanel); });
}

void WinogradForward::run_few(const Step& s, size_t task, float* scratch) const {
  few_.run(few_.transforms() ? kernel(s) : s.at(u_), s.at(values_), tiles(s), task, scratch,
           [&](size_t image, int filter) { return output(s, image, filter); });
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
    o.bias = bias(s, panel * kPanel);
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
    activate_outputs(c_, p.y, static_cast<size_t>(c_.out_w), static_cast<size_t>(c_.filters));
  }
}

void WinogradForward::plan(Plan& plan) {
  const bool takes_many = !takes_few() || tiles(static_cast<size_t>(plan.capacity())) > kFewTiles;
  if (takes_many || !few_.transforms()) {
    u_ = plan.lasting_workspace(winograd_.filter_floats());
    plan.weights_stage(
        {u_, b_.kernel}, [pass = *this](const Step&) { return pass.filter_tasks(); },
        [pass = *this](const Step& s, size_t task, float*) { pass.filter(s, task); });
  }
  if (takes_few()) plan_few(plan);
  if (takes_many) plan_many(plan);
}

void WinogradForward::plan_few(Plan& plan) {
  values_ = plan.workspace(0, few_.floats());
  plan.need_scratch(few_.scratch());
  plan.stage(
      {b_.in, values_},
      [pass = *this](const Step& s) { return pass.is_few(s) ? pass.few_.load_tasks(pass.tiles(s)) : 0; },
      [pass = *this](const Step& s, size_t task, float*) {
        pass.few_.load(s.at(pass.b_.in), pass.tiles(s), task, s.at(pass.values_));
      });
  std::vector<BufferId> uses = {values_, b_.out, u_};
  uses.insert(uses.end(), b_.saved.begin(), b_.saved.end());
  plan.stage(
      uses, [pass = *this](const Step& s) { return pass.is_few(s) ? pass.few_.tasks(pass.tiles(s)) : 0; },
      [pass = *this](const Step& s, size_t task, float* scratch) { pass.run_few(s, task, scratch); });
}

void WinogradForward::plan_many(Plan& plan) {
  plan.need_scratch(winograd_.scratch() + (in_strips() ? strip_floats() : 0));
  std::vector<BufferId> uses = {b_.in, b_.out, u_};
  uses.insert(uses.end(), b_.saved.begin(), b_.saved.end());
  plan.stage(
      uses, [pass = *this](const Step& s) { return pass.is_few(s) ? 0 : pass.tasks(s); },
      [pass = *this](const Step& s, size_t task, float* scratch) { pass.run(s, task, scratch); });
}

}  // namespace

const ForwardAlgorithm kWinogradForward = {
    "winograd", [](const Conv& conv) { return winograd_declines(conv, WinogradForward::geometry(conv)); },
    [](const Conv& conv) { return WinogradForward(conv, {}, 1).reads_kernel(); },
    [](const Conv& conv, Plan& plan, const OpBuffers& buffers) {
      WinogradForward(conv, buffers, static_cast<size_t>(plan.capacity())).plan(plan);
    }};

}  // namespace convforge
