#include <algorithm>
#include <cmath>

#include "ops/sample_op.h"
#include "runtime/error.h"

namespace convforge {
namespace {

class UnitLengthOp : public SampleOp {
 public:
  UnitLengthOp(const NodeDescription& node, const Shape& in)
      : SampleOp(node, in, in), least_square_(static_cast<float>(node.number("leastSquare", 1e-12))) {
    node.expect_parameters({}, 0);
    if (!(least_square_ > 0)) throw Error("INVALID_ARGUMENT", node.name + ": leastSquare must be above 0", node.name);
  }

 protected:
  bool needs_input() const override { return true; }

  void forward(const float* x, float* y) const override {
    for (int64_t first = 0; first < size_of(in); first += length()) {
      const float factor = 1 / std::sqrt(std::max(dot(x + first, x + first), least_square_));
      for (int64_t i = 0; i < length(); ++i) y[first + i] = x[first + i] * factor;
    }
  }

  // y = x f with f = |x|^-1: dx = f (dy - x (x . dy) f^2).
  void backward(const float* x, const float* dy, float* dx) const override {
    for (int64_t first = 0; first < size_of(in); first += length()) {
      const float square = dot(x + first, x + first);
      const float factor = 1 / std::sqrt(std::max(square, least_square_));
      const float along = square > least_square_ ? dot(x + first, dy + first) * factor * factor : 0.0f;
      for (int64_t i = 0; i < length(); ++i) dx[first + i] = (dy[first + i] - x[first + i] * along) * factor;
    }
  }

 private:
  int64_t length() const { return in.back(); }

  float dot(const float* a, const float* b) const {
    float sum = 0;
    for (int64_t i = 0; i < length(); ++i) sum += a[i] * b[i];
    return sum;
  }

  // Below this sum of squares a vector is only scaled.
  float least_square_;
};

}  // namespace

std::unique_ptr<Op> make_unitLength(const NodeDescription& node, const Shape& in) {
  return std::make_unique<UnitLengthOp>(node, in);
}

}  // namespace convforge
