// y = x W + b over the last axis: x [rows][k], W [k][n], rows being the samples times any axes before the last.
#include <algorithm>

#include "ops/activation.h"
#include "ops/op.h"
#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

constexpr size_t kRowBlock = 64;      // rows of x in a forward task
constexpr size_t kDepthBlock = 96;    // rows of W in a gradient task
constexpr size_t kPrepareBlock = 16;  // rows of dy laid out by one task
constexpr size_t kBatchBlock = 32;    // rows of dx that are turned together
constexpr size_t kTurnBlock = 64;     // columns of dx that are
constexpr size_t kFewRows = 2;        // at most so many rows of x are multiplied by what isn't zero in them alone,
constexpr size_t kFewPanels = 3;      // with so many panels of W at once
// The input's gradient is summed over so many groups of units by themselves.
constexpr size_t kGroups = 2;

class DenseOp : public Op {
 public:
  DenseOp(const NodeDescription& node, const Shape& in) : Op(node, in, in), parameters_(node.parameters) {
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

  std::vector<ParameterDescription> parameters() const override { return parameters_; }

  void place(const std::vector<Parameter>& parameters) override {
    kernel_offset_ = parameters[0].offset;
    kernel_gradient_ = parameters[0].gradient;
    if (!has_bias_) return;
    bias_offset_ = parameters[1].offset;
    bias_gradient_ = parameters[1].gradient;
  }

  bool absorb(const Op& next) override {
    const auto* activation = dynamic_cast<const ActivationOp*>(&next);
    if (!activation || activated_ || !activation->follows_value()) return false;
    activated_ = true;
    activation_ = activation->activation();
    return true;
  }

  void plan_forward(Plan& plan, OpBuffers& buffers, bool training) const override;
  void plan_backward(Plan& plan, const OpBuffers& buffers) const override;

 private:
  struct Backward {
    BufferId x = kNoBuffer;
    bool trains = false;
    BufferId dy_panels = kNoBuffer;  // [panel][row][kPanel], for the kernel's gradient and for few rows
    BufferId dy_t = kNoBuffer;       // [panels * kPanel][rows], for the input's of more
    // Sums over a group of units: [group][rows / kBatchBlock][k][kBatchBlock], and of few rows [group][row][k].
    BufferId dx_t = kNoBuffer;
  };

  size_t rows(const Step& s) const { return static_cast<size_t>(s.n) * rows_per_sample_; }
  // Length of a row of dy_t: whole vectors, and again no whole pages apart.
  static size_t dy_t_row(size_t rows) {
    const size_t whole = round_up(rows, kLineFloats);
    return whole % 256 == 0 ? whole + kLineFloats : whole;
  }

  void begin_pass(Plan& plan, const char* kind) const;
  bool has_few_rows(const Step& s) const { return rows(s) <= kFewRows; }
  size_t list_floats() const { return round_up(k_, kLineFloats) + kLineFloats; }
  void forward(const Step& s, const OpBuffers& b, BufferId x, size_t task) const;
  void forward_few(const Step& s, const OpBuffers& b, BufferId x, size_t task, float* scratch) const;
  void prepare(const Step& s, const OpBuffers& b, const Backward& w, size_t task, float* scratch) const;
  void kernel_gradient(const Step& s, const Backward& w, size_t panel, size_t block) const;
  // Some panels, in the order in which they are read.
  struct PanelGroup {
    size_t first;
    size_t count;
    ptrdiff_t next;
  };
  size_t groups() const { return std::min(kGroups, panels_); }
  PanelGroup panel_group(size_t group) const;
  size_t dx_group(size_t rows) const { return ceil_div(rows, kBatchBlock) * k_ * kBatchBlock; }
  void input_gradient(const Step& s, const Backward& w, size_t group, size_t block) const;
  void input_gradient_few(const Step& s, const Backward& w, size_t group, size_t block) const;
  void add_groups(const Step& s, const OpBuffers& b, const Backward& w) const;
  void turn(const Step& s, const OpBuffers& b, const Backward& w, size_t row_block, size_t block, float* scratch) const;

  std::vector<ParameterDescription> parameters_;
  size_t k_ = 0;
  size_t n_ = 0;
  size_t panels_ = 0;
  size_t rows_per_sample_ = 1;
  bool copies_x_ = false;
  size_t x_row_ = 0;
  bool has_bias_ = false;
  size_t kernel_offset_ = 0;
  size_t bias_offset_ = 0;
  size_t kernel_gradient_ = 0;
  size_t bias_gradient_ = 0;
  bool activated_ = false;
  Activation activation_;
  std::vector<ptrdiff_t> panels_forwards_;  // where the panels of W lie from the first one that is read
  std::vector<ptrdiff_t> panels_backwards_;
  std::vector<int32_t> row_offsets_;  // of the rows of a panel
};

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
  plan.need_scratch(2 * list_floats() + kFewPanels * kPanel);
  plan.stage(
      {x, buffers.out},
      [this](const Step& s) {
        return has_few_rows(s) ? ceil_div(panels_, kFewPanels) : ceil_div(rows(s), kRowBlock) * panels_;
      },
      [this, b = buffers, x](const Step& s, size_t task, float* scratch) {
        has_few_rows(s) ? forward_few(s, b, x, task, scratch) : forward(s, b, x, task);
      });
}

// Some panels of y. So few rows take as long as it takes to read W, and of W only the rows that meet something are.
void DenseOp::forward_few(const Step& s, const OpBuffers& b, BufferId x, size_t task, float* scratch) const {
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
  for (size_t r = 0; r < rows(s); ++r) {
    live.values = s.at(x) + r * x_row_;
    live.count = 0;
    kernels().list_live(live);
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

void DenseOp::plan_backward(Plan& plan, const OpBuffers& buffers) const {
  const size_t capacity = static_cast<size_t>(plan.capacity()) * rows_per_sample_;
  const bool input_learns = buffers.d_in != kNoBuffer;
  begin_pass(plan, buffers.trains ? "kernel gradient" : "input gradient");
  Backward w;
  w.trains = buffers.trains;
  w.x = buffers.saved[0];
  w.dy_panels = plan.workspace(rows_per_sample_ * panels_ * kPanel);
  // Rows past n_ meet the zeros that pad the kernel's last panel; they have to be finite, and the arena's are not ours.
  if (input_learns) w.dy_t = plan.workspace(0, panels_ * kPanel * dy_t_row(capacity));
  plan.need_scratch(kPrepareBlock * n_);
  plan.stage(
      {buffers.out, buffers.d_out, w.dy_panels, w.dy_t},
      [this](const Step& s) { return ceil_div(rows(s), kPrepareBlock); },
      [this, b = buffers, w](const Step& s, size_t task, float* scratch) { prepare(s, b, w, task, scratch); });
  const size_t blocks = ceil_div(k_, kDepthBlock);
  if (buffers.trains) {
    plan.stage(
        {w.x, w.dy_panels}, [this, blocks](const Step&) { return panels_ * blocks; },
        [this, blocks, w](const Step& s, size_t task, float*) { kernel_gradient(s, w, task / blocks, task % blocks); });
  }
  if (!input_learns) return;
  if (buffers.trains) begin_pass(plan, "input gradient");
  w.dx_t = plan.workspace(0, groups() * dx_group(capacity));
  plan.stage(
      {w.dy_panels, w.dy_t, w.dx_t}, [this, blocks](const Step&) { return groups() * blocks; },
      [this, blocks, w](const Step& s, size_t task, float*) {
        has_few_rows(s) ? input_gradient_few(s, w, task / blocks, task % blocks)
                        : input_gradient(s, w, task / blocks, task % blocks);
      });
  plan.need_scratch(kTurnBlock * kBatchBlock);
  const size_t turns = ceil_div(k_, kTurnBlock);
  plan.stage(
      {w.dx_t, buffers.d_in},
      [this, turns](const Step& s) { return has_few_rows(s) ? 1 : ceil_div(rows(s), kBatchBlock) * turns; },
      [this, turns, b = buffers, w](const Step& s, size_t task, float* scratch) {
        has_few_rows(s) ? add_groups(s, b, w) : turn(s, b, w, task / turns, task % turns, scratch);
      });
}

// Lays out some rows of dy, through the activation, for both products.
void DenseOp::prepare(const Step& s, const OpBuffers& b, const Backward& w, size_t task, float* scratch) const {
  const size_t all = rows(s);
  const size_t first = task * kPrepareBlock;
  const size_t count = std::min(kPrepareBlock, all - first);
  const float* dy = s.at(b.d_out) + first * n_;
  if (activation_.kind != Activation::Kind::kLinear) {
    kernels().activate_backward(activation_, s.at(b.out) + first * n_, dy, scratch, count * n_);
    dy = scratch;
  }
  for (size_t panel = 0; (w.trains || has_few_rows(s)) && panel < panels_; ++panel) {
    const size_t columns = std::min<size_t>(kPanel, n_ - panel * kPanel);
    float* y = s.at(w.dy_panels) + (panel * all + first) * kPanel;
    for (size_t r = 0; r < count; ++r, y += kPanel) {
      std::copy_n(dy + r * n_ + panel * kPanel, columns, y);
      std::fill(y + columns, y + kPanel, 0.0f);
    }
  }
  if (w.dy_t == kNoBuffer || has_few_rows(s)) return;
  const size_t row = dy_t_row(all);
  kernels().transpose(dy, static_cast<int>(count), static_cast<int>(n_), static_cast<ptrdiff_t>(n_),
                      s.at(w.dy_t) + first, static_cast<ptrdiff_t>(row));
  for (size_t j = n_; j < panels_ * kPanel; ++j) std::fill_n(s.at(w.dy_t) + j * row + first, count, 0.0f);
}

void DenseOp::kernel_gradient(const Step& s, const Backward& w, size_t panel, size_t block) const {
  const size_t first = block * kDepthBlock;
  Gemm g;
  g.m = static_cast<int>(std::min(kDepthBlock, k_ - first));
  g.n = kPanel;
  g.depth = static_cast<int>(rows(s));
  g.a = s.at(w.x) + first;
  g.a_row = 1;
  g.a_depth = static_cast<ptrdiff_t>(x_row_);
  g.b = s.at(w.dy_panels) + panel * rows(s) * kPanel;
  g.b_depth = kPanel;
  g.c = s.gradients + kernel_gradient_ + (panel * k_ + first) * kPanel;
  g.c_row = kPanel;
  kernels().gemm(g);
  if (has_bias_ && block == 0)
    kernels().sum_rows(g.b, rows(s), kPanel, s.gradients + bias_gradient_ + panel * kPanel, kPanel, false);
}

// The first group's panels are read from the last to the first, the second's from the first to the last. A processor
// that sees panel after panel read fetches the next ones, too, and those past a group's end would be another worker's,
// who is about to change them: it would have to wait until they are given back.
DenseOp::PanelGroup DenseOp::panel_group(size_t group) const {
  const size_t begin = group * panels_ / groups();
  const size_t end = (group + 1) * panels_ / groups();
  return group == 0 ? PanelGroup{end - 1, end, -1} : PanelGroup{begin, end - begin, 1};
}

// Lanes hold samples, so that the kernel is read as it lies.
void DenseOp::input_gradient(const Step& s, const Backward& w, size_t group, size_t block) const {
  const size_t first = block * kDepthBlock;
  const size_t row = dy_t_row(rows(s));
  const PanelGroup p = panel_group(group);
  Gemm g;
  g.m = static_cast<int>(std::min(kDepthBlock, k_ - first));
  g.depth = kPanel;
  g.segments = static_cast<int>(p.count);
  g.a_segments = p.next < 0 ? panels_backwards_.data() : panels_forwards_.data();
  g.a = s.weights + kernel_offset_ + (p.first * k_ + first) * kPanel;
  g.a_row = kPanel;
  g.a_depth = 1;
  g.b_depth = static_cast<ptrdiff_t>(row);
  g.a_ahead = p.next * static_cast<ptrdiff_t>(k_ * kPanel);
  g.b_segment = p.next * static_cast<ptrdiff_t>(kPanel * row);
  g.c_row = kBatchBlock;
  for (size_t r = 0; r < rows(s); r += kBatchBlock) {
    g.n = static_cast<int>(std::min(kBatchBlock, rows(s) - r));
    g.b = s.at(w.dy_t) + p.first * kPanel * row + r;
    g.c = s.at(w.dx_t) + group * dx_group(rows(s)) + r * k_ + first * kBatchBlock;
    kernels().gemm(g);
  }
}

// Lanes hold units, since there are more of them than rows.
void DenseOp::input_gradient_few(const Step& s, const Backward& w, size_t group, size_t block) const {
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

// Adds the groups' sums, and turns them back.
void DenseOp::turn(const Step& s, const OpBuffers& b, const Backward& w, size_t row_block, size_t block,
                   float* scratch) const {
  const size_t first_row = row_block * kBatchBlock;
  const size_t count = std::min(kBatchBlock, rows(s) - first_row);
  const size_t first = block * kTurnBlock;
  const size_t columns = std::min(kTurnBlock, k_ - first);
  const float* sum = s.at(w.dx_t) + first_row * k_ + first * kBatchBlock;
  if (groups() > 1) {
    kernels().add_pair(sum, sum + dx_group(rows(s)), scratch, columns * kBatchBlock);
    sum = scratch;
  }
  kernels().transpose(sum, static_cast<int>(columns), static_cast<int>(count), kBatchBlock,
                      s.at(b.d_in) + first_row * k_ + first, static_cast<ptrdiff_t>(k_));
}

}  // namespace

std::unique_ptr<Op> make_dense(const NodeDescription& node, const Shape& in) {
  return std::make_unique<DenseOp>(node, in);
}

}  // namespace convforge
