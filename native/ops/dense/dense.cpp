#include "ops/dense/dense.h"

#include <algorithm>
#include <cmath>

#include "ops/activation.h"
#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

constexpr size_t kRowBlock = 64;      // rows of x in a task
constexpr size_t kPrepareBlock = 16;  // rows of x that are copied by one task
constexpr size_t kFewPanels = 3;      // panels of W at once, where rows are few

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
  k_ = static_cast<size_t>(kernel[0]);
  n_ = static_cast<size_t>(kernel[1]);
  panels_ = ceil_div(n_, kPanel);
  has_bias_ = node.parameters.size() > 1;
  if (has_bias_ && node.parameters[1].shape != Shape{kernel[1]}) {
    throw Error("SHAPE_MISMATCH", node.name + ": the bias has a value for each of " + std::to_string(n_) + " units",
                node.name);
  }
  out.back() = kernel[1];
  checked_size(out, "output", node.name);
  rows_per_sample_ = static_cast<size_t>(size_of(in)) / k_;
  // Rows a whole page apart fall into the same few cache sets, so such an x is copied to rows a little longer.
  copies_x_ = k_ % 256 == 0;
  x_row_ = copies_x_ ? k_ + kLineFloats : k_;
  for (size_t k = 0; k < k_; ++k) row_offsets_.push_back(static_cast<int32_t>(k * kPanel));
  for (size_t panel = 0; panel < panels_; ++panel) {
    panels_forwards_.push_back(static_cast<ptrdiff_t>(panel * k_ * kPanel));
    panels_backwards_.push_back(-panels_forwards_.back());
  }
}

void DenseOp::place(const std::vector<Parameter>& parameters) {
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
        {buffers.in, x}, [this](const Step& s) { return ceil_div(rows(s), kPrepareBlock); },
        [this, in = buffers.in, x](const Step& s, size_t task, float*) {
          const size_t end = std::min((task + 1) * kPrepareBlock, rows(s));
          for (size_t r = task * kPrepareBlock; r < end; ++r) std::copy_n(s.at(in) + r * k_, k_, s.at(x) + r * x_row_);
        });
  }
  if (training) buffers.saved.push_back(x);
  // While the weights change with every step, looking at them costs as much as what it would save.
  const BufferId kernel_sizes = training ? kNoBuffer : plan_kernel_sizes(plan);
  plan.need_scratch(2 * list_floats() + kFewPanels * kPanel);
  plan.stage(
      {x, kernel_sizes, buffers.out},
      [this](const Step& s) {
        return has_few_rows(s) ? ceil_div(panels_, kFewPanels) : ceil_div(rows(s), kRowBlock) * panels_;
      },
      [this, b = buffers, x, kernel_sizes](const Step& s, size_t task, float* scratch) {
        has_few_rows(s) ? forward_few(s, b, x, kernel_sizes, task, scratch) : forward(s, b, x, task);
      });
}

// For each panel of W the sum of its elements' sizes, which tells whether all of them are finite.
BufferId DenseOp::plan_kernel_sizes(Plan& plan) const {
  const BufferId sizes = plan.lasting_workspace(panels_);
  plan.weights_stage(
      sizes, [this](const Step&) { return panels_; },
      [this, sizes](const Step& s, size_t panel, float*) {
        double sum = 0;
        kernels().sum_absolutes(s.weights + kernel_offset_ + panel * k_ * kPanel, k_ * kPanel, &sum);
        s.at(sizes)[panel] = static_cast<float>(sum);
      });
  return sizes;
}

// Whether these panels of W are known to be finite. (So large ones that their sum overflows count as if they weren't.)
bool DenseOp::is_finite(const Step& s, BufferId kernel_sizes, size_t first_panel, size_t end_panel) const {
  if (kernel_sizes == kNoBuffer) return false;
  const float* sizes = s.at(kernel_sizes);
  return std::all_of(sizes + first_panel, sizes + end_panel, [](float size) { return std::isfinite(size); });
}

// Some panels of y. So few rows take as long as it takes to read W. Its rows that meet a zero are left out where they
// are finite; otherwise the product isn't zero but NaN.
void DenseOp::forward_few(const Step& s, const OpBuffers& b, BufferId x, BufferId kernel_sizes, size_t task,
                          float* scratch) const {
  const size_t panel = task * kFewPanels;
  const size_t columns = std::min(kFewPanels * kPanel, n_ - panel * kPanel);
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
  const bool skips = is_finite(s, kernel_sizes, panel, std::min(panel + kFewPanels, panels_));
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

void DenseOp::forward(const Step& s, const OpBuffers& b, BufferId x, size_t task) const {
  const size_t row_blocks = ceil_div(rows(s), kRowBlock);
  const size_t panel = task / row_blocks;
  const size_t first = task % row_blocks * kRowBlock;
  Gemm g;
  g.m = static_cast<int>(std::min(kRowBlock, rows(s) - first));
  g.n = static_cast<int>(std::min<size_t>(kPanel, n_ - panel * kPanel));
  g.depth = static_cast<int>(k_);
  g.a = s.at(x) + first * x_row_;
  g.a_row = static_cast<ptrdiff_t>(x_row_);
  g.a_depth = 1;
  g.b = s.weights + kernel_offset_ + panel * k_ * kPanel;
  g.b_depth = kPanel;
  g.c = s.at(b.out) + first * n_ + panel * kPanel;
  g.c_row = static_cast<ptrdiff_t>(n_);
  g.bias = has_bias_ ? s.weights + bias_offset_ + panel * kPanel : nullptr;
  g.relu = activation_.kind == Activation::Kind::kRelu;
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
