#include "ops/dense/dense.h"

#include <algorithm>
#include <cmath>

#include "ops/activation.h"
#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

constexpr size_t kRowBlock = 128;        // rows of x per task
constexpr size_t kTaskPanels = 2;        // panels of W per task
constexpr size_t kPackRows = 16;         // rows of x that a task copies
constexpr size_t kSmallBatchPanels = 3;  // panels of W per task for small batches

}  // namespace

DenseOp::DenseOp(const NodeDescription& node, const Shape& in) : Op(node, in, in), parameters_(node.parameters) {
  node.expect_parameters({"kernel", "bias"}, 1);
  const Shape& kernel = node.parameters[0].shape;
  if (in.empty() || kernel.size() != 2 || kernel[0] != in.back()) {
    throw Error("SHAPE_MISMATCH",
                node.name + ": a kernel " + to_string(kernel) + " doesn't fit its input " + to_string(in) +
                    "; it takes [inputs, units]",
                node.name);
  }
  checked_size(kernel, "kernel", node.name);
  // Before memory is taken for the offsets of its rows.
  checked_size({kernel[0], static_cast<int64_t>(round_up(static_cast<size_t>(kernel[1]), kPanel))}, "padded kernel",
               node.name);
  k_ = static_cast<size_t>(kernel[0]);
  n_ = static_cast<size_t>(kernel[1]);
  panels_ = ceil_div(n_, kPanel);
  has_bias_ = node.parameters.size() > 1;
  if (has_bias_ && node.parameters[1].shape != Shape{kernel[1]}) {
    throw Error("SHAPE_MISMATCH",
                node.name + ": the bias must have a value for each of " + std::to_string(n_) + " units", node.name);
  }
  out.back() = kernel[1];
  checked_size(out, "output", node.name);
  rows_per_sample_ = static_cast<size_t>(size_of(in)) / k_;
  // Rows that are whole pages apart compete for the same cache sets, so x is then copied to slightly longer rows.
  copies_x_ = k_ % 256 == 0;
  x_row_ = copies_x_ ? k_ + kLineFloats : k_;
  for (size_t k = 0; k < k_; ++k) row_offsets_.push_back(static_cast<int32_t>(k * kPanel));
  for (size_t panel = 0; panel < panels_; ++panel) {
    ascending_panels_.push_back(static_cast<ptrdiff_t>(panel * k_ * kPanel));
    descending_panels_.push_back(-ascending_panels_.back());
  }
}

void DenseOp::bind_parameters(const std::vector<Parameter>& parameters) {
  kernel_offset_ = parameters[0].offset;
  kernel_gradient_ = parameters[0].gradient;
  if (!has_bias_) return;
  bias_offset_ = parameters[1].offset;
  bias_gradient_ = parameters[1].gradient;
}

bool DenseOp::absorb(const Op& next) {
  const std::optional<Activation> activation = next.fusion().activation;
  if (!activation || activated_) return false;
  activated_ = true;
  activation_ = *activation;
  return true;
}

void DenseOp::begin_pass(Plan& plan, const char* kind) const {
  const double flops = 2.0 * static_cast<double>(rows_per_sample_ * k_ * n_);
  plan.pass(
      {.node = name, .kind = kind, .algorithm = "direct", .fused = fused_work(has_bias_, activation_), .flops = flops});
}

void DenseOp::plan_forward(Plan& plan, OpBuffers& buffers, bool training) const {
  begin_pass(plan, "forward");
  BufferId x = buffers.in;
  if (copies_x_) {
    x = plan.workspace(rows_per_sample_ * x_row_);
    plan.stage(
        {buffers.in, x}, [this](const Step& s) { return ceil_div(rows(s), kPackRows); },
        [this, in = buffers.in, x](const Step& s, size_t task, float*) {
          const size_t end = std::min((task + 1) * kPackRows, rows(s));
          for (size_t r = task * kPackRows; r < end; ++r) std::copy_n(s.at(in) + r * k_, k_, s.at(x) + r * x_row_);
        });
  }
  if (training) buffers.saved.push_back(x);
  // In training the weights change with every step, so computing the norms would cost as much as it saves.
  const BufferId panel_norms = training ? kNoBuffer : plan_panel_norms(plan);
  plan.need_scratch(2 * list_floats() + kSmallBatchPanels * kPanel);
  plan.need_scratch(kGemmScratch);
  plan.stage(
      {x, panel_norms, buffers.out},
      [this](const Step& s) {
        return is_small_batch(s) ? ceil_div(panels_, kSmallBatchPanels)
                                 : ceil_div(rows(s), kRowBlock) * ceil_div(panels_, kTaskPanels);
      },
      [this, b = buffers, x, panel_norms](const Step& s, size_t task, float* scratch) {
        is_small_batch(s) ? forward_small_batch(s, b, x, panel_norms, task, scratch) : forward(s, b, x, task, scratch);
      });
}

// The L1 norm of each panel of W, which tells whether all of its elements are finite.
BufferId DenseOp::plan_panel_norms(Plan& plan) const {
  const BufferId sizes = plan.lasting_workspace(panels_);
  plan.weights_stage(
      {sizes}, [this](const Step&) { return panels_; },
      [this, sizes](const Step& s, size_t panel, float*) {
        double sum = 0;
        kernels().sum_absolutes(s.weights + kernel_offset_ + panel * k_ * kPanel, k_ * kPanel, &sum);
        s.at(sizes)[panel] = static_cast<float>(sum);
      });
  return sizes;
}

// Whether these panels of W are known to be finite. A panel whose norm overflows counts as not finite.
bool DenseOp::is_finite(const Step& s, BufferId panel_norms, size_t first_panel, size_t end_panel) const {
  if (panel_norms == kNoBuffer) return false;
  const float* sizes = s.at(panel_norms);
  return std::all_of(sizes + first_panel, sizes + end_panel, [](float size) { return std::isfinite(size); });
}

// Computes some panels of y for a small batch, which is bound by reading W. Skips the rows of W that meet a zero of x,
// but only if these panels of W are finite: otherwise the product would be NaN, not 0.
void DenseOp::forward_small_batch(const Step& s, const OpBuffers& b, BufferId x, BufferId panel_norms, size_t task,
                                  float* scratch) const {
  const size_t panel = task * kSmallBatchPanels;
  const size_t columns = std::min(kSmallBatchPanels * kPanel, n_ - panel * kPanel);
  float* sums = scratch + 2 * list_floats();
  int32_t begin = 0;
  int32_t end = 0;
  LiveLists live;
  live.outputs = 1;
  live.channels = static_cast<int>(k_);
  live.ids = row_offsets_.data();
  live.begin = &begin;
  live.end = &end;
  live.list_values = scratch;
  live.list_ids = reinterpret_cast<int32_t*>(scratch + list_floats());
  SparseSums g;
  g.lists = 1;
  g.values = live.list_values;
  g.offsets = live.list_ids;
  g.counts = &end;
  g.x = s.weights + kernel_offset_ + panel * k_ * kPanel;
  g.x_row = static_cast<ptrdiff_t>(k_ * kPanel);
  g.rows = static_cast<int>(ceil_div(columns, kPanel));
  g.width = kPanel;
  g.y = sums;
  g.y_row = kPanel;
  const bool skips = is_finite(s, panel_norms, panel, std::min(panel + kSmallBatchPanels, panels_));
  if (!skips) {
    g.offsets = row_offsets_.data();
    end = static_cast<int32_t>(k_);
  }
  for (size_t r = 0; r < rows(s); ++r) {
    live.values = s.at(x) + r * x_row_;
    live.count = 0;
    if (skips) {
      kernels().list_live(live);
    } else {
      g.values = live.values;
    }
    kernels().sparse_sums(g);
    float* y = s.at(b.out) + r * n_ + panel * kPanel;
    std::copy_n(sums, columns, y);
    if (has_bias_) kernels().accumulate(s.weights + bias_offset_ + panel * kPanel, y, columns);
    if (activation_.kind != Activation::Kind::kLinear) kernels().activate(activation_, y, y, columns);
  }
}

void DenseOp::forward(const Step& s, const OpBuffers& b, BufferId x, size_t task, float* scratch) const {
  const size_t row_blocks = ceil_div(rows(s), kRowBlock);
  const size_t panel = task / row_blocks * kTaskPanels;
  const size_t first = task % row_blocks * kRowBlock;
  Gemm g;
  g.m = static_cast<int>(std::min(kRowBlock, rows(s) - first));
  g.n = static_cast<int>(std::min<size_t>(kTaskPanels * kPanel, n_ - panel * kPanel));
  g.depth = static_cast<int>(k_);
  g.a = s.at(x) + first * x_row_;
  g.a_row = static_cast<ptrdiff_t>(x_row_);
  g.a_depth = 1;
  g.b = s.weights + kernel_offset_ + panel * k_ * kPanel;
  g.b_depth = kPanel;
  g.b_panel = static_cast<ptrdiff_t>(k_ * kPanel);
  g.b_prefetch = static_cast<ptrdiff_t>(kTaskPanels) * g.b_panel;
  g.c = s.at(b.out) + first * n_ + panel * kPanel;
  g.c_row = static_cast<ptrdiff_t>(n_);
  g.bias = has_bias_ ? s.weights + bias_offset_ + panel * kPanel : nullptr;
  g.relu = activation_.clips();
  g.maximum = activation_.maximum;
  g.scratch = scratch;
  kernels().gemm(g);
  if (activation_.kind == Activation::Kind::kLinear || g.relu) return;
  for (int r = 0; r < g.m; ++r) {
    float* y = g.c + r * g.c_row;
    kernels().activate(activation_, y, y, static_cast<size_t>(g.n));
  }
}

std::unique_ptr<Op> make_dense(const NodeDescription& node, const Shape& in) {
  return std::make_unique<DenseOp>(node, in);
}

}  // namespace convforge
