#include <algorithm>
#include <string>

#include "ops/elementwise_op.h"
#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

struct UnaryName {
  const char* name;
  Unary kind;
  bool is_flat = false;  // the gradient is 0 everywhere
};

constexpr UnaryName kUnaryNames[] = {
    {"abs", Unary::kAbs},
    {"negative", Unary::kNegative},
    {"sign", Unary::kSign, true},
    {"floor", Unary::kFloor, true},
    {"ceil", Unary::kCeil, true},
    {"round", Unary::kRound, true},
    {"log", Unary::kLog},
    {"log1p", Unary::kLog1p},
    {"expm1", Unary::kExpm1},
    {"sqrt", Unary::kSqrt},
    {"rsqrt", Unary::kRsqrt},
    {"square", Unary::kSquare},
    {"reciprocal", Unary::kReciprocal},
    {"erf", Unary::kErf},
    {"sin", Unary::kSin},
    {"cos", Unary::kCos},
    {"logicalNot", Unary::kLogicalNot, true},
    {"isNaN", Unary::kIsNaN, true},
};

const UnaryName& read_unary(const NodeDescription& node) {
  const std::string name = node.text("kind");
  const auto* found =
      std::find_if(std::begin(kUnaryNames), std::end(kUnaryNames), [&](const UnaryName& k) { return name == k.name; });
  if (found == std::end(kUnaryNames)) {
    throw Error("UNSUPPORTED", node.name + ": there is no unary '" + name + "'", node.name);
  }
  return *found;
}

class UnaryOp : public ElementwiseOp {
 public:
  UnaryOp(const NodeDescription& node, const Shape& in) : ElementwiseOp(node, in), kind_(read_unary(node)) {
    node.expect_parameters({}, 0);
  }

 protected:
  void forward(const float* x, float* y, size_t count) const override { kernels().unary(kind_.kind, x, y, count); }
  void backward(const float* x, const float* dy, float* dx, size_t count) const override {
    if (kind_.is_flat) {
      std::fill_n(dx, count, 0.0f);
    } else {
      kernels().unary_backward(kind_.kind, x, dy, dx, count);
    }
  }

 private:
  const UnaryName& kind_;
};

}  // namespace

std::unique_ptr<Op> make_unary(const NodeDescription& node, const Shape& in) {
  return std::make_unique<UnaryOp>(node, in);
}

}  // namespace convforge
