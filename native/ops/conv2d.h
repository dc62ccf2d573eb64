#pragma once

#include "ops/activation.h"
#include "ops/op.h"
#include "ops/pool2d.h"
#include "ops/window.h"

namespace convforge {

// A convolution with what it does in the same pass: bias, activation, and max-pooling by windows that tile its output
// (the full output then is never stored: a strip of rows is pooled while it is in cache).
class Conv2dOp : public Op {
 public:
  Conv2dOp(const NodeDescription& node, const Shape& in);

  std::vector<ParameterDescription> parameters() const override { return parameters_; }
  void place(const std::vector<Parameter>& parameters) override;
  bool absorb(const Op& next) override;
  void plan_forward(Plan& plan, OpBuffers& buffers, bool training) const override;
  void plan_backward(Plan& plan, const OpBuffers& buffers) const override;

 private:
  struct Band;  // the part of an image that a forward task computes

  // Rows of output that are computed together: a row of pooling windows, or one row.
  int unit_rows() const { return pool_ ? pool_rows_ : 1; }
  int units() const { return static_cast<int>(out[0]); }
  // Columns of the convolution's output that are used.
  int used_columns() const { return pool_ ? pool_columns_ * static_cast<int>(out[1]) : window_.out_w; }
  size_t depth() const { return static_cast<size_t>(window_.rows) * window_.columns * window_.channels; }
  int panel_columns(int panel) const { return std::min(kPanel, filters_ - panel * kPanel); }
  size_t padded_floats(int rows) const { return static_cast<size_t>(rows) * window_.padded_w() * window_.channels; }
  size_t input_size() const { return static_cast<size_t>(size_of(in)); }
  size_t output_size() const { return static_cast<size_t>(size_of(out)); }

  size_t bands(const Step& s) const;
  void forward(const Step& s, const OpBuffers& b, size_t task, float* scratch) const;
  void forward_panel(const Step& s, const OpBuffers& b, const Band& band, int panel, float* strip) const;

  struct BackwardBuffers {
    BufferId kernel_t = kNoBuffer;  // the kernel by output channel, for the input gradient
    BufferId partial = kNoBuffer;   // kernel and bias gradients of each chunk of the batch
  };
  size_t chunks(const Step& s) const;
  size_t partial_floats() const { return panels_ * depth() * kPanel + panels_ * kPanel; }
  size_t kernel_t_row() const;
  void transpose_kernel(const Step& s, float* kernel_t, size_t task) const;
  void backward_chunk(const Step& s, const OpBuffers& b, const BackwardBuffers& bb, size_t chunk, float* scratch) const;
  const float* output_gradient(const Step& s, const OpBuffers& b, size_t image, float* full, float* pooled) const;
  void kernel_gradient(const float* x, const float* dy, float* partial, bool accumulate) const;
  void input_gradient(const float* dy, const float* kernel_t, float* dx, float* row) const;
  void combine(const Step& s, const float* partial, size_t task) const;

  std::vector<ParameterDescription> parameters_;
  Window window_;
  int filters_ = 0;
  size_t panels_ = 0;
  bool has_bias_ = false;
  size_t kernel_offset_ = 0;
  size_t bias_offset_ = 0;

  bool activated_ = false;
  Activation activation_ = Activation::kLinear;
  bool pool_ = false;
  int pool_rows_ = 1;
  int pool_columns_ = 1;
  std::vector<int32_t> pool_begin_;
  std::vector<int32_t> pool_end_;

  // The reduction of one output row: segments (kernel rows, or kernel cells where columns are dilated) of contiguous
  // input.
  int segment_depth_ = 0;
  std::vector<ptrdiff_t> forward_segments_;
  std::vector<ptrdiff_t> gradient_segments_;  // one an output row
};

}  // namespace convforge
