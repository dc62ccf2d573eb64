#include <algorithm>
#include <string>

#include "ops/activation.h"
#include "ops/sample_op.h"
#include "runtime/error.h"

namespace convforge {
namespace {

// The input is [outer][cells][inner], and the output [outer][indices][inner].
class GatherOp : public SampleOp {
 public:
  GatherOp(const NodeDescription& node, const Shape& in) : SampleOp(node, in, {}) {
    node.expect_parameters({}, 0);
    const size_t axis = static_cast<size_t>(node.integer("axis", 0));
    if (axis >= in.size()) {
      throw Error("INVALID_ARGUMENT", node.name + ": there is no axis " + std::to_string(axis) + " in " + to_string(in),
                  node.name);
    }
    const Shape shape = node.sizes("indicesShape");
    const size_t count = floats_of(shape);
    indices_ = node.integers("indices", count, 0);
    cells_ = static_cast<size_t>(in[axis]);
    for (const int index : indices_) {
      if (static_cast<size_t>(index) < cells_) continue;
      throw Error("INVALID_ARGUMENT",
                  node.name + ": there is no index " + std::to_string(index) + " along axis " + std::to_string(axis) +
                      " of " + to_string(in),
                  node.name);
    }
    const auto at = in.begin() + static_cast<std::ptrdiff_t>(axis);
    out.assign(in.begin(), at);
    outer_ = floats_of(out);
    inner_ = floats_of(Shape(at + 1, in.end()));
    out.insert(out.end(), shape.begin(), shape.end());
    out.insert(out.end(), at + 1, in.end());
    checked_size(out, "output", node.name);
  }

 protected:
  size_t parts() const override { return std::clamp(floats_of(out) / kElementsPerTask, size_t{1}, rows()); }

  void forward(const float* x, float* y, size_t part) const override {
    const size_t begin = rows() * part / parts();
    const size_t end = rows() * (part + 1) / parts();
    for (size_t row = begin; row < end; ++row) std::copy_n(x + place(row), inner_, y + row * inner_);
  }

  void backward(const float*, const float* dy, float* dx) const override {
    std::fill_n(dx, floats_of(in), 0.0f);
    for (size_t row = 0; row < rows(); ++row, dy += inner_) {
      float* to = dx + place(row);
      for (size_t i = 0; i < inner_; ++i) to[i] += dy[i];
    }
  }

 private:
  size_t rows() const { return outer_ * indices_.size(); }

  // The offset of an output row in the input.
  size_t place(size_t row) const {
    const size_t index = static_cast<size_t>(indices_[row % indices_.size()]);
    return (row / indices_.size() * cells_ + index) * inner_;
  }

  std::vector<int> indices_;
  size_t outer_ = 1;
  size_t cells_ = 1;
  size_t inner_ = 1;
};

}  // namespace

std::unique_ptr<Op> make_gather(const NodeDescription& node, const Shape& in) {
  return std::make_unique<GatherOp>(node, in);
}

}  // namespace convforge
