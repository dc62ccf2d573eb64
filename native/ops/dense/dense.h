#pragma once

#include <algorithm>
#include <vector>

#include "ops/op.h"

namespace convforge {

// y = x W + b over the last axis: x [rows][k], W [k][n], rows being the samples times any axes before the last.
class DenseOp : public Op {
 public:
  DenseOp(const NodeDescription& node, const Shape& in);

  std::vector<ParameterDescription> parameters() const override { return parameters_; }

  void place(const std::vector<Parameter>& parameters) override;
  bool absorb(const Op& next) override;
  void plan_forward(Plan& plan, OpBuffers& buffers, bool training) const override;
  void plan_backward(Plan& plan, const OpBuffers& buffers) const override;

 private:
  static constexpr size_t kFewRows = 2;      // at most so many rows of x take a way of their own
  static constexpr size_t kGroups = 2;       // of units, over each of which the input's gradient is summed by itself
  static constexpr size_t kBatchBlock = 32;  // rows of dx that are turned together

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
  BufferId plan_kernel_sizes(Plan& plan) const;
  bool is_finite(const Step& s, BufferId kernel_sizes, size_t first_panel, size_t end_panel) const;
  void forward_few(const Step& s, const OpBuffers& b, BufferId x, BufferId kernel_sizes, size_t task,
                   float* scratch) const;
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

}  // namespace convforge
