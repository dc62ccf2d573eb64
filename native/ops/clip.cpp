#include <cmath>
#include <limits>

#include "ops/elementwise_op.h"
#include "runtime/denormals.h"
#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

constexpr float kNoLimit = std::numeric_limits<float>::infinity();

float clip_limit(const NodeDescription& node, const std::string& key, float none) {
  if (node.attributes.count(key) == 0) return none;
  const double value = node.number(key);
  if (std::isfinite(static_cast<float>(value))) return flushed(static_cast<float>(value));
  throw Error("INVALID_ARGUMENT",
              node.name + ": " + key + " is " + format_number(value) + "; it must be a finite number", node.name);
}

class ClipOp : public ElementwiseOp {
 public:
  ClipOp(const NodeDescription& node, const Shape& in)
      : ElementwiseOp(node, in), low_(clip_limit(node, "min", -kNoLimit)), high_(clip_limit(node, "max", kNoLimit)) {
    node.expect_parameters({}, 0);
  }

 protected:
  void forward(const float* x, float* y, size_t count) const override { kernels().clamp(x, y, count, low_, high_); }
  void backward(const float* x, const float* dy, float* dx, size_t count) const override {
    kernels().clamp_backward(x, dy, dx, count, low_, high_);
  }

 private:
  float low_;
  float high_;
};

}  // namespace

std::unique_ptr<Op> make_clip(const NodeDescription& node, const Shape& in) {
  return std::make_unique<ClipOp>(node, in);
}

}  // namespace convforge
