#include <algorithm>
#include <cmath>

#include "ops/sample_op.h"

namespace convforge {
namespace {

// Below this sum of squares a vector is only scaled.
constexpr float kLeastSquare = 1e-12f;

class UnitLengthOp : public SampleOp {
 public:
  UnitLengthOp(const NodeDescription& node, const Shape& in) : SampleOp(node, in, in) { node.expect_parameters({}, 0); }

 protected:
  bool needs_input() const override { return true; }

  void forward(const float* x, float* y) const override {
    for (int64_t first = 0; first < size_of(in); first += length()) {
      const float factor = 1 / std::sqrt(std::max(dot(x + first, x + first), kLeastSquare));
      for (int64_t i = 0; i < length(); ++i) y[first + i] = x[first + i] * factor;
    }
  }

  // y = x f with f = |x|^-1: dx = f (dy - x (x . dy) f^2).
  void backward(const float* x, const float* dy, float* dx) const override {
    for (int64_t first = 0; first < size_of(in); first += length()) {
      const float square = dot(x + first, x + first);
      const float factor = 1 / std::sqrt(std::max(square, kLeastSquare));
      const float along = square > kLeastSquare ? dot(x + first, dy + first) * factor * factor : 0.0f;
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
};

}  // namespace

std::unique_ptr<Op> make_unitLength(const NodeDescription& node, const Shape& in) {
  return std::make_unique<UnitLengthOp>(node, in);
}

}  // namespace convforge
