#include <string>

#include "ops/sample_op.h"
#include "runtime/error.h"

namespace convforge {
namespace {

// The input is [outer][length][inner]. Sums are computed in double precision.
class CumsumOp : public SampleOp {
 public:
  CumsumOp(const NodeDescription& node, const Shape& in)
      : SampleOp(node, in, in), exclusive_(node.flag("exclusive")), reverse_(node.flag("reverse")) {
    node.expect_parameters({}, 0);
    const size_t axis = static_cast<size_t>(node.integer("axis", 0));
    if (axis >= in.size()) {
      throw Error("INVALID_ARGUMENT", node.name + ": there is no axis " + std::to_string(axis) + " in " + to_string(in),
                  node.name);
    }
    length_ = static_cast<size_t>(in[axis]);
    inner_ = floats_of(Shape(in.begin() + static_cast<std::ptrdiff_t>(axis) + 1, in.end()));
  }

 protected:
  void forward(const float* x, float* y, size_t) const override { add_up(x, y, reverse_); }
  // An element is in the sums after it, or before it.
  void backward(const float*, const float* dy, float* dx) const override { add_up(dy, dx, !reverse_); }

 private:
  void add_up(const float* x, float* y, bool reverse) const {
    const size_t block = length_ * inner_;
    for (size_t first = 0; first < floats_of(in); first += block) {
      for (size_t i = first; i < first + inner_; ++i) {
        double sum = 0;
        for (size_t step = 0; step < length_; ++step) {
          const size_t at = i + (reverse ? length_ - 1 - step : step) * inner_;
          const double before = sum;
          sum += x[at];
          y[at] = static_cast<float>(exclusive_ ? before : sum);
        }
      }
    }
  }

  bool exclusive_;
  bool reverse_;
  size_t length_ = 1;
  size_t inner_ = 1;
};

}  // namespace

std::unique_ptr<Op> make_cumsum(const NodeDescription& node, const Shape& in) {
  return std::make_unique<CumsumOp>(node, in);
}

}  // namespace convforge
