#include <algorithm>
#include <limits>

#include "ops/activation.h"
#include "ops/pool2d.h"
#include "ops/sample_op.h"

namespace convforge {
namespace {

// Whether a value comes before the largest one so far. NaN counts as larger than any number.
bool exceeds(float value, float largest) { return value > largest || value != value; }

class DilatedPool2dOp : public SampleOp {
 public:
  DilatedPool2dOp(const NodeDescription& node, const Shape& in)
      : SampleOp(node, in, {}), kind_(read_pool_kind(node)), window_(pool_window(node, in)) {
    node.expect_parameters({}, 0);
    out = {window_.out_h, window_.out_w, window_.channels};
    factors_ = pool_factors(node, window_);
  }

 protected:
  // Bands of output rows.
  size_t parts() const override {
    const size_t work = floats_of(out) * static_cast<size_t>(window_.rows) * static_cast<size_t>(window_.columns);
    return std::clamp(work / kElementsPerTask, size_t{1}, static_cast<size_t>(window_.out_h));
  }

  void forward(const float* x, float* y, size_t part) const override {
    const size_t rows = static_cast<size_t>(window_.out_h);
    const int end = static_cast<int>(rows * (part + 1) / parts());
    for (int row = static_cast<int>(rows * part / parts()); row < end; ++row) {
      for (int column = 0; column < window_.out_w; ++column) pool(x, row, column, y);
    }
  }

  bool needs_input() const override { return kind_ == PoolKind::kMax; }

  void backward(const float* x, const float* dy, float* dx) const override {
    std::fill(dx, dx + size_of(in), 0.0f);
    for (int row = 0; row < window_.out_h; ++row) {
      for (int column = 0; column < window_.out_w; ++column, dy += window_.channels)
        kind_ == PoolKind::kMax ? maximum_gradient(x, row, column, dy, dx) : sum_gradient(row, column, dy, dx);
    }
  }

 private:
  // Calls visit(offset of the pixel) for each cell of a window that lies in the image, in row-major order.
  template <typename Visit>
  void each_cell(int row, int column, const Visit& visit) const {
    for (int64_t i = 0; i < window_.rows; ++i) {
      const int64_t h = int64_t{row} * window_.stride_h - window_.top + i * window_.dilation_h;
      if (h < 0 || h >= window_.height) continue;
      for (int64_t j = 0; j < window_.columns; ++j) {
        const int64_t w = int64_t{column} * window_.stride_w - window_.left + j * window_.dilation_w;
        if (w >= 0 && w < window_.width) visit((h * window_.width + w) * window_.channels);
      }
    }
  }

  size_t window(int row, int column) const {
    return static_cast<size_t>(row) * static_cast<size_t>(window_.out_w) + static_cast<size_t>(column);
  }

  void pool(const float* x, int row, int column, float* out_image) const {
    const int channels = window_.channels;
    float* y = out_image + window(row, column) * static_cast<size_t>(channels);
    if (kind_ == PoolKind::kMax) {
      std::fill(y, y + channels, -std::numeric_limits<float>::infinity());
      each_cell(row, column, [=](int64_t at) {
        for (int c = 0; c < channels; ++c) y[c] = exceeds(x[at + c], y[c]) ? x[at + c] : y[c];
      });
      return;
    }
    std::fill(y, y + channels, 0.0f);
    each_cell(row, column, [=](int64_t at) {
      for (int c = 0; c < channels; ++c) y[c] += x[at + c];
    });
    const float factor = factors_[window(row, column)];
    for (int c = 0; c < channels; ++c) y[c] *= factor;
  }

  void maximum_gradient(const float* x, int row, int column, const float* dy, float* dx) const {
    for (int c = 0; c < window_.channels; ++c) {
      int64_t largest = -1;
      each_cell(row, column, [&](int64_t at) {
        if (largest < 0 || exceeds(x[at + c], x[largest + c])) largest = at;
      });
      if (largest >= 0) dx[largest + c] += dy[c];
    }
  }

  void sum_gradient(int row, int column, const float* dy, float* dx) const {
    const float factor = factors_[window(row, column)];
    each_cell(row, column, [=, this](int64_t at) {
      for (int c = 0; c < window_.channels; ++c) dx[at + c] += dy[c] * factor;
    });
  }

  PoolKind kind_;
  Window window_;
  std::vector<float> factors_;  // by window: factor of its sum
};

}  // namespace

std::unique_ptr<Op> make_dilated_pool2d(const NodeDescription& node, const Shape& in) {
  return std::make_unique<DilatedPool2dOp>(node, in);
}

}  // namespace convforge
