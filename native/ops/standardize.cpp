#include <cmath>

#include "ops/normalization/extreme_values.h"
#include "ops/sample_op.h"

namespace convforge {
namespace {

class StandardizeOp : public SampleOp {
 public:
  StandardizeOp(const NodeDescription& node, const Shape& in)
      : SampleOp(node, in, in),
        mean_(node.numbers("mean", static_cast<size_t>(in.back()))),
        scale_(node.numbers("scale", static_cast<size_t>(in.back()))) {
    node.expect_parameters({}, 0);
  }

 protected:
  void forward(const float* x, float* y, size_t) const override {
    for (size_t i = 0, size = static_cast<size_t>(size_of(in)); i < size; i += mean_.size()) {
      for (size_t c = 0; c < mean_.size(); ++c) y[i + c] = value(x[i + c], c);
    }
  }

  void backward(const float*, const float* dy, float* dx) const override {
    for (size_t i = 0, size = static_cast<size_t>(size_of(in)); i < size; i += mean_.size()) {
      for (size_t c = 0; c < mean_.size(); ++c) dx[i + c] = dy[i + c] * scale_[c];
    }
  }

 private:
  // Uses double precision where x - mean could overflow.
  float value(float x, size_t c) const {
    if (std::fabs(mean_[c]) <= kExtremeMean) return (x - mean_[c]) * scale_[c];
    return static_cast<float>((static_cast<double>(x) - mean_[c]) * scale_[c]);
  }

  std::vector<float> mean_;
  std::vector<float> scale_;
};

}  // namespace

std::unique_ptr<Op> make_standardize(const NodeDescription& node, const Shape& in) {
  return std::make_unique<StandardizeOp>(node, in);
}

}  // namespace convforge
