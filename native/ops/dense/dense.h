#pragma once

#include <algorithm>
#include <vector>

#include "ops/op.h"

namespace convforge {

// y = x W + b over the last axis, with x [rows][k] and W [k][n]. The rows are the samples times the axes before the
// last.
class DenseOp : public Op {
 public:
  DenseOp(const NodeDescription& node, const Shape& in);

  std::vector<ParameterDescription> parameters() const override { return parameters_; }

  void bind_parameters(const std::vector<Parameter>& parameters) override;
  bool absorb(const Op& next) override;
  void plan_forward(Plan& plan, OpBuffers& buffers, bool training) const override;
  void plan_backward(Plan& plan, const OpBuffers& buffers) const override;

 private:
  // Batches of up to this many rows are small and have kernels of their own.
  static constexpr size_t kSmallBatchRows = 2;
  // Groups of units. The input gradient is summed over each separately.
  static constexpr size_t kGroups = 2;
  // Tile of dx transposed at a time: kTransposeRows x kTransposeColumns.
  static constexpr size_t kTransposeRows = 32;

  struct Backward {
    BufferId x = kNoBuffer;
    bool trains = false;
    BufferId dy_panels = kNoBuffer;  // [panel][row][kPanel], for the kernel gradient and for small batches
    BufferId dy_t = kNoBuffer;       // [panels * kPanel][rows], for the input gradient of larger batches
    // Sums over each group of units: [group][rows / kTransposeRows][k][kTransposeRows], or [group][row][k] for small
    // batches.
    BufferId dx_t = kNoBuffer;
  };

  size_t rows(const Step& s) const { return static_cast<size_t>(s.n) * rows_per_sample_; }
  // Length of a row of dy_t: whole vectors, but not whole pages.
  static size_t dy_t_row(size_t rows) {
    const size_t whole = round_up(rows, kLineFloats);
    return whole % 256 == 0 ? whole + kLineFloats : whole;
  }

  void begin_pass(Plan& plan, const char* kind) const;
  bool is_small_batch(const Step& s) const { return rows(s) <= kSmallBatchRows; }
  size_t list_floats() const { return round_up(k_, kLineFloats) + kLineFloats; }
  void forward(const Step& s, const OpBuffers& b, BufferId x, size_t task, float* scratch) const;
  BufferId plan_panel_norms(Plan& plan) const;
  bool is_finite(const Step& s, BufferId panel_norms, size_t first_panel, size_t end_panel) const;
  void forward_small_batch(const Step& s, const OpBuffers& b, BufferId x, BufferId panel_norms, size_t task,
                           float* scratch) const;
  void pack_dy(const Step& s, const OpBuffers& b, const Backward& w, size_t task, float* scratch) const;
  void kernel_gradient(const Step& s, const Backward& w, size_t panel, size_t block, float* scratch) const;
  // A group of `count` panels, read from `first` on in steps of `next` (1 or -1).
  struct PanelGroup {
    size_t first;
    size_t count;
    ptrdiff_t next;
  };
  size_t groups() const { return std::min(kGroups, panels_); }
  PanelGroup panel_group(size_t group) const;
  size_t dx_group(size_t rows) const { return ceil_div(rows, kTransposeRows) * k_ * kTransposeRows; }
  void input_gradient(const Step& s, const Backward& w, size_t group, size_t block, float* scratch) const;
  void input_gradient_small_batch(const Step& s, const Backward& w, size_t group, size_t block) const;
  void add_groups(const Step& s, const OpBuffers& b, const Backward& w) const;
  void transpose_dx(const Step& s, const OpBuffers& b, const Backward& w, size_t row_block, size_t block,
                    float* scratch) const;

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
  std::vector<ptrdiff_t> ascending_panels_;  // offsets of the panels of W from the first that is read
  std::vector<ptrdiff_t> descending_panels_;
  std::vector<int32_t> row_offsets_;  // offsets of the rows of a panel
};

}  // namespace convforge
