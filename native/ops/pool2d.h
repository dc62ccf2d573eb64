#pragma once

#include "ops/op.h"
#include "ops/window.h"

namespace convforge {

// Windows along one axis, without what lies in the padding.
struct WindowSpans {
  WindowSpans(int size, int windows, int cells, int stride, int padding);

  // The cells [begin, end) of each window.
  std::vector<int32_t> begin, end;
  // The windows [over_begin, over_end) that each cell is in.
  std::vector<int32_t> over_begin, over_end;
};

class Pool2dOp : public Op {
 public:
  enum class Kind { kMax, kAverage, kSum };

  Pool2dOp(const NodeDescription& node, const Shape& in);

  Fusion fusion() const override;
  void plan_forward(Plan& plan, OpBuffers& buffers, bool training) const override;
  void plan_backward(Plan& plan, const OpBuffers& buffers) const override;

 private:
  // Windows side by side: every input cell is in at most one, and the windows' cells make whole rows.
  bool tiles() const {
    return !window_.padded() && window_.stride_h == window_.rows && window_.stride_w == window_.columns;
  }

  // Some rows [begin, end) of one image, for a task.
  struct Band {
    size_t image = 0;
    int begin = 0;
    int end = 0;
  };
  static Band band(size_t task, int rows, int rows_per_task);

  void begin_pass(Plan& plan, const char* kind, bool winners) const;
  void forward(const Step& s, const OpBuffers& b, const Band& band, bool training) const;
  void backward(const Step& s, const OpBuffers& b, const Band& band) const;
  // Maxima of windows side by side: each cell is written once, window by window, and a band is rows of windows.
  bool unpools() const { return kind_ == Kind::kMax && tiles() && byte_places(); }
  void unpool(const Step& s, const OpBuffers& b, const Band& band) const;
  // Whether the winners' places fit in bytes.
  bool byte_places() const { return window_.rows * window_.columns <= 256; }

  Kind kind_ = Kind::kMax;
  Window window_;
  WindowSpans rows_;
  WindowSpans columns_;
  std::vector<float> factors_;  // of each window's sum; none for maxima
};

}  // namespace convforge
