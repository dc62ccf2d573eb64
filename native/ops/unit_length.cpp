#include <algorithm>
#include <cmath>

#include "ops/sample_op.h"
#include "runtime/error.h"

namespace convforge {
namespace {

// Larger sums of squares are computed in double precision, where neither they overflow nor their inverses underflow.
constexpr float kMaxSquare = 1e30f;

class UnitLengthOp : public SampleOp {
 public:
  UnitLengthOp(const NodeDescription& node, const Shape& in)
      : SampleOp(node, in, in), min_square_(static_cast<float>(node.number("leastSquare", 1e-12))) {
    node.expect_parameters({}, 0);
    if (!(min_square_ > 0)) throw Error("INVALID_ARGUMENT", node.name + ": leastSquare must be above 0", node.name);
  }

 protected:
  bool needs_input() const override { return true; }

  void forward(const float* x, float* y, size_t) const override {
    for (int64_t first = 0; first < size_of(in); first += length()) {
      is_large(x + first) ? scale<double>(x + first, y + first) : scale<float>(x + first, y + first);
    }
  }

  // With f = 1 / |x|, y = x f and dx = f (dy - x (x . dy) f^2).
  void backward(const float* x, const float* dy, float* dx) const override {
    for (int64_t first = 0; first < size_of(in); first += length()) {
      const auto run = is_large(x + first) ? &UnitLengthOp::differentiate<double> : &UnitLengthOp::differentiate<float>;
      (this->*run)(x + first, dy + first, dx + first);
    }
  }

 private:
  int64_t length() const { return in.back(); }

  bool is_large(const float* x) const { return !(dot<float>(x, x) <= kMaxSquare); }

  template <typename Real>
  Real dot(const float* a, const float* b) const {
    Real sum = 0;
    for (int64_t i = 0; i < length(); ++i) sum += static_cast<Real>(a[i]) * b[i];
    return sum;
  }

  template <typename Real>
  void scale(const float* x, float* y) const {
    const Real factor = 1 / std::sqrt(std::max<Real>(dot<Real>(x, x), min_square_));
    for (int64_t i = 0; i < length(); ++i) y[i] = static_cast<float>(x[i] * factor);
  }

  template <typename Real>
  void differentiate(const float* x, const float* dy, float* dx) const {
    const Real square = dot<Real>(x, x);
    const Real factor = 1 / std::sqrt(std::max<Real>(square, min_square_));
    const Real along = square > min_square_ ? dot<Real>(x, dy) * factor * factor : 0;
    for (int64_t i = 0; i < length(); ++i) dx[i] = static_cast<float>((dy[i] - x[i] * along) * factor);
  }

  // The lower bound of the sum of squares. Below it, a vector is only scaled by a constant.
  float min_square_;
};

}  // namespace

std::unique_ptr<Op> make_unitLength(const NodeDescription& node, const Shape& in) {
  return std::make_unique<UnitLengthOp>(node, in);
}

}  // namespace convforge
