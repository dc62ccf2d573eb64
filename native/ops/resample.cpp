#include <algorithm>
#include <string>

#include "ops/activation.h"
#include "ops/sample_op.h"
#include "runtime/error.h"

namespace convforge {
namespace {

// The input is [outer][cells][inner], and the output [outer][size][inner].
class ResampleOp : public SampleOp {
 public:
  ResampleOp(const NodeDescription& node, const Shape& in) : SampleOp(node, in, in) {
    node.expect_parameters({}, 0);
    const size_t axis = static_cast<size_t>(node.integer("axis", 0));
    if (axis >= in.size()) {
      throw Error("INVALID_ARGUMENT", node.name + ": there is no axis " + std::to_string(axis) + " in " + to_string(in),
                  node.name);
    }
    size_ = static_cast<size_t>(node.integer("size", 1));
    taps_ = static_cast<size_t>(node.integer("taps", 1));
    indices_ = node.integers("indices", size_ * taps_, 0);
    weights_ = node.numbers("weights", size_ * taps_);
    for (const int index : indices_) {
      if (index < in[axis]) continue;
      throw Error("INVALID_ARGUMENT",
                  node.name + ": there is no index " + std::to_string(index) + " along axis " + std::to_string(axis) +
                      " of " + to_string(in),
                  node.name);
    }
    const auto at = in.begin() + static_cast<std::ptrdiff_t>(axis);
    cells_ = static_cast<size_t>(in[axis]);
    outer_ = floats_of(Shape(in.begin(), at));
    inner_ = floats_of(Shape(at + 1, in.end()));
    out[axis] = static_cast<int64_t>(size_);
    checked_size(out, "output", node.name);
  }

 protected:
  size_t parts() const override { return std::clamp(floats_of(out) * taps_ / kElementsPerTask, size_t{1}, rows()); }

  void forward(const float* x, float* y, size_t part) const override {
    const size_t end = rows() * (part + 1) / parts();
    for (size_t row = rows() * part / parts(); row < end; ++row) {
      float* to = y + row * inner_;
      std::fill_n(to, inner_, 0.0f);
      each_tap(row, [=, this](size_t from, float weight) {
        for (size_t i = 0; i < inner_; ++i) to[i] += weight * x[from + i];
      });
    }
  }

  void backward(const float*, const float* dy, float* dx) const override {
    std::fill_n(dx, floats_of(in), 0.0f);
    for (size_t row = 0; row < rows(); ++row, dy += inner_) {
      each_tap(row, [=, this](size_t to, float weight) {
        for (size_t i = 0; i < inner_; ++i) dx[to + i] += weight * dy[i];
      });
    }
  }

 private:
  size_t rows() const { return outer_ * size_; }

  // Calls visit(offset in the input, weight) for the elements that an output row is mixed from. Those of weight 0 are
  // left out, since zero times infinity would be NaN.
  template <typename Visit>
  void each_tap(size_t row, const Visit& visit) const {
    const size_t first = row % size_ * taps_;
    for (size_t t = first; t < first + taps_; ++t) {
      if (weights_[t] == 0) continue;
      visit((row / size_ * cells_ + static_cast<size_t>(indices_[t])) * inner_, weights_[t]);
    }
  }

  size_t size_ = 1;
  size_t taps_ = 1;
  std::vector<int> indices_;
  std::vector<float> weights_;
  size_t outer_ = 1;
  size_t cells_ = 1;
  size_t inner_ = 1;
};

}  // namespace

std::unique_ptr<Op> make_resample(const NodeDescription& node, const Shape& in) {
  return std::make_unique<ResampleOp>(node, in);
}

}  // namespace convforge
