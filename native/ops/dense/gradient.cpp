#include <algorithm>

#include "ops/dense/dense.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

constexpr size_t kDepthBlock = 96;        // rows of W per task of the input gradient
constexpr size_t kGradientRows = 192;     // rows of W per task of the kernel gradient
constexpr size_t kGradientPanels = 4;     // its panels per task
constexpr size_t kInputRows = 128;        // rows of dy that meet a row of W while it is in cache
constexpr size_t kPackGradientRows = 16;  // rows of dy that a task packs
constexpr size_t kTransposeColumns = 64;  // see kTransposeRows

}  // namespace

void DenseOp::plan_backward(Plan& plan, const OpBuffers& buffers) const {
  const size_t capacity = static_cast<size_t>(plan.capacity()) * rows_per_sample_;
  const bool needs_input_gradient = buffers.d_in != kNoBuffer;
  begin_pass(plan, buffers.trains ? "kernel gradient" : "input gradient");
  Backward w;
  w.trains = buffers.trains;
  w.x = buffers.saved[0];
  w.dy_panels = plan.workspace(rows_per_sample_ * panels_ * kPanel);
  // The rows of dy_t from n_ on meet the zero padding of the kernel's last panel. They must be finite, so they are
  // zeroed: other buffers use this memory, too.
  if (needs_input_gradient) w.dy_t = plan.workspace(0, panels_ * kPanel * dy_t_row(capacity));
  plan.need_scratch(kPackGradientRows * n_);
  plan.need_scratch(kGemmScratch);
  plan.stage(
      {buffers.out, buffers.d_out, w.dy_panels, w.dy_t},
      [this](const Step& s) { return ceil_div(rows(s), kPackGradientRows); },
      [this, b = buffers, w](const Step& s, size_t task, float* scratch) { pack_dy(s, b, w, task, scratch); });
  if (buffers.trains) {
    const size_t blocks = ceil_div(k_, kGradientRows);
    plan.stage(
        {w.x, w.dy_panels}, [this, blocks](const Step&) { return ceil_div(panels_, kGradientPanels) * blocks; },
        [this, blocks, w](const Step& s, size_t task, float* scratch) {
          kernel_gradient(s, w, task / blocks * kGradientPanels, task % blocks, scratch);
        });
  }
  if (!needs_input_gradient) return;
  if (buffers.trains) begin_pass(plan, "input gradient");
  w.dx_t = plan.workspace(0, groups() * dx_group(capacity));
  const size_t blocks = ceil_div(k_, kDepthBlock);
  plan.stage(
      {w.dy_panels, w.dy_t, w.dx_t}, [this, blocks](const Step&) { return groups() * blocks; },
      [this, blocks, w](const Step& s, size_t task, float* scratch) {
        is_small_batch(s) ? input_gradient_small_batch(s, w, task / blocks, task % blocks)
                          : input_gradient(s, w, task / blocks, task % blocks, scratch);
      });
  plan.need_scratch(kTransposeColumns * kTransposeRows);
  const size_t column_blocks = ceil_div(k_, kTransposeColumns);
  plan.stage(
      {w.dx_t, buffers.d_in},
      [this, column_blocks](const Step& s) {
        return is_small_batch(s) ? 1 : ceil_div(rows(s), kTransposeRows) * column_blocks;
      },
      [this, column_blocks, b = buffers, w](const Step& s, size_t task, float* scratch) {
        is_small_batch(s) ? add_groups(s, b, w)
                          : transpose_dx(s, b, w, task / column_blocks, task % column_blocks, scratch);
      });
}

// Computes some rows of dy through the activation and packs them for both gradients.
void DenseOp::pack_dy(const Step& s, const OpBuffers& b, const Backward& w, size_t task, float* scratch) const {
  const size_t all = rows(s);
  const size_t first = task * kPackGradientRows;
  const size_t count = std::min(kPackGradientRows, all - first);
  const float* dy = s.at(b.d_out) + first * n_;
  if (activation_.kind != Activation::Kind::kLinear) {
    kernels().activate_backward(activation_, s.at(b.out) + first * n_, dy, scratch, count * n_);
    dy = scratch;
  }
  for (size_t panel = 0; (w.trains || is_small_batch(s)) && panel < panels_; ++panel) {
    const size_t columns = std::min<size_t>(kPanel, n_ - panel * kPanel);
    float* y = s.at(w.dy_panels) + (panel * all + first) * kPanel;
    for (size_t r = 0; r < count; ++r, y += kPanel) {
      std::copy_n(dy + r * n_ + panel * kPanel, columns, y);
      std::fill(y + columns, y + kPanel, 0.0f);
    }
  }
  if (w.dy_t == kNoBuffer || is_small_batch(s)) return;
  const size_t row = dy_t_row(all);
  kernels().transpose(dy, static_cast<int>(count), static_cast<int>(n_), static_cast<ptrdiff_t>(n_),
                      s.at(w.dy_t) + first, static_cast<ptrdiff_t>(row));
  for (size_t j = n_; j < panels_ * kPanel; ++j) std::fill_n(s.at(w.dy_t) + j * row + first, count, 0.0f);
}

void DenseOp::kernel_gradient(const Step& s, const Backward& w, size_t panel, size_t block, float* scratch) const {
  const size_t first = block * kGradientRows;
  const size_t panels = std::min(kGradientPanels, panels_ - panel);
  Gemm g;
  g.m = static_cast<int>(std::min(kGradientRows, k_ - first));
  g.n = static_cast<int>(panels * kPanel);
  g.depth = static_cast<int>(rows(s));
  g.a = s.at(w.x) + first;
  g.a_row = 1;
  g.a_depth = static_cast<ptrdiff_t>(x_row_);
  g.b = s.at(w.dy_panels) + panel * rows(s) * kPanel;
  g.b_depth = kPanel;
  g.b_panel = static_cast<ptrdiff_t>(rows(s) * kPanel);
  g.c = s.gradients + kernel_gradient_ + (panel * k_ + first) * kPanel;
  g.c_row = kPanel;
  g.c_panel = static_cast<ptrdiff_t>(k_ * kPanel);
  g.prefetch_c = true;
  g.scratch = scratch;
  kernels().gemm(g);
  if (!has_bias_ || block != 0) return;
  for (size_t i = 0; i < panels; ++i) {
    kernels().sum_rows(g.b + i * rows(s) * kPanel, rows(s), kPanel, s.gradients + bias_gradient_ + (panel + i) * kPanel,
                       kPanel, false);
  }
}

// The first group reads its panels from the last to the first, the second group from the first to the last. The
// hardware prefetcher also fetches the panels that would come next. Past the end of a group these would belong to the
// other worker, which is about to change them and would have to wait for the cache lines.
DenseOp::PanelGroup DenseOp::panel_group(size_t group) const {
  const size_t begin = group * panels_ / groups();
  const size_t end = (group + 1) * panels_ / groups();
  return group == 0 ? PanelGroup{end - 1, end, -1} : PanelGroup{begin, end - begin, 1};
}

// Lanes hold rows of dy, so the kernel is read as it is stored.
void DenseOp::input_gradient(const Step& s, const Backward& w, size_t group, size_t block, float* scratch) const {
  const size_t first = block * kDepthBlock;
  const size_t row = dy_t_row(rows(s));
  const PanelGroup p = panel_group(group);
  Gemm g;
  g.m = static_cast<int>(std::min(kDepthBlock, k_ - first));
  g.depth = kPanel;
  g.segments = static_cast<int>(p.count);
  g.a_segments = p.next < 0 ? descending_panels_.data() : ascending_panels_.data();
  g.a = s.weights + kernel_offset_ + (p.first * k_ + first) * kPanel;
  g.a_row = kPanel;
  g.a_depth = 1;
  g.b_depth = static_cast<ptrdiff_t>(row);
  g.a_prefetch = p.next * static_cast<ptrdiff_t>(k_ * kPanel);
  g.b_segment = p.next * static_cast<ptrdiff_t>(kPanel * row);
  g.c_row = kTransposeRows;
  g.c_panel = static_cast<ptrdiff_t>(k_ * kTransposeRows);
  g.scratch = scratch;
  for (size_t r = 0; r < rows(s); r += kInputRows) {
    g.n = static_cast<int>(std::min(kInputRows, rows(s) - r));
    g.b = s.at(w.dy_t) + p.first * kPanel * row + r;
    g.c = s.at(w.dx_t) + group * dx_group(rows(s)) + r * k_ + first * kTransposeRows;
    kernels().gemm(g);
  }
}

// Lanes hold units, since there are more of them than rows.
void DenseOp::input_gradient_small_batch(const Step& s, const Backward& w, size_t group, size_t block) const {
  const size_t first = block * kDepthBlock;
  const PanelGroup p = panel_group(group);
  PanelDots d;
  d.panels = static_cast<int>(p.count);
  d.rows = static_cast<int>(std::min(kDepthBlock, k_ - first));
  d.w = s.weights + kernel_offset_ + (p.first * k_ + first) * kPanel;
  d.w_panel = p.next * static_cast<ptrdiff_t>(k_ * kPanel);
  d.x_panel = p.next * static_cast<ptrdiff_t>(rows(s) * kPanel);
  for (size_t r = 0; r < rows(s); ++r) {
    d.x = s.at(w.dy_panels) + (p.first * rows(s) + r) * kPanel;
    d.y = s.at(w.dx_t) + group * dx_group(rows(s)) + r * k_ + first;
    kernels().panel_dots(d);
  }
}

void DenseOp::add_groups(const Step& s, const OpBuffers& b, const Backward& w) const {
  const float* sum = s.at(w.dx_t);
  const size_t n = rows(s) * k_;
  if (groups() > 1) {
    kernels().add_pair(sum, sum + dx_group(rows(s)), s.at(b.d_in), n);
  } else {
    std::copy_n(sum, n, s.at(b.d_in));
  }
}

// Adds the groups' sums and transposes them to dx.
void DenseOp::transpose_dx(const Step& s, const OpBuffers& b, const Backward& w, size_t row_block, size_t block,
                           float* scratch) const {
  const size_t first_row = row_block * kTransposeRows;
  const size_t count = std::min(kTransposeRows, rows(s) - first_row);
  const size_t first = block * kTransposeColumns;
  const size_t columns = std::min(kTransposeColumns, k_ - first);
  const float* sum = s.at(w.dx_t) + first_row * k_ + first * kTransposeRows;
  if (groups() > 1) {
    kernels().add_pair(sum, sum + dx_group(rows(s)), scratch, columns * kTransposeRows);
    sum = scratch;
  }
  kernels().transpose(sum, static_cast<int>(columns), static_cast<int>(count), kTransposeRows,
                      s.at(b.d_in) + first_row * k_ + first, static_cast<ptrdiff_t>(k_));
}

}  // namespace convforge
