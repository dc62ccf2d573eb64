#include "ops/activation.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/softmax.h"
#include "runtime/denormals.h"
#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

using Kind = Activation::Kind;

struct KindName {
  const char* name;
  Kind kind;
};

constexpr KindName kKinds[] = {
    {"relu", Kind::kRelu},           {"elu", Kind::kElu},           {"selu", Kind::kSelu},
    {"sigmoid", Kind::kSigmoid},     {"tanh", Kind::kTanh},         {"hardSigmoid", Kind::kHardSigmoid},
    {"softplus", Kind::kSoftplus},   {"softsign", Kind::kSoftsign}, {"exponential", Kind::kExponential},
    {"gelu", Kind::kGelu},           {"silu", Kind::kSilu},         {"mish", Kind::kMish},
    {"hardSwish", Kind::kHardSwish}, {"celu", Kind::kCelu},
};

// Reads a finite attribute of at least 0, or above 0.
float bounded(const NodeDescription& node, const std::string& key, double fallback, bool above_zero = false) {
  const double value = node.number(key, fallback);
  const bool finite = value <= std::numeric_limits<float>::max() || value == fallback;
  if (finite && (value > 0 || (!above_zero && value == 0))) return flushed(static_cast<float>(value));
  throw Error("INVALID_ARGUMENT",
              node.name + ": " + key + " is " + format_number(value) + "; it must be " +
                  (above_zero ? "a positive number" : "a number from 0 up"),
              node.name);
}

float finite_attribute(const NodeDescription& node, const std::string& key, double fallback) {
  const float value = static_cast<float>(node.number(key, fallback));
  if (std::isfinite(value)) return flushed(value);
  throw Error("INVALID_ARGUMENT",
              node.name + ": " + key + " is " + format_number(node.number(key)) + "; it must be a finite number",
              node.name);
}

Activation read_activation(const NodeDescription& node) {
  const std::string name = node.text("kind");
  const auto* found =
      std::find_if(std::begin(kKinds), std::end(kKinds), [&](const KindName& k) { return name == k.name; });
  if (found == std::end(kKinds)) {
    throw Error("UNSUPPORTED", node.name + ": there is no activation '" + name + "'", node.name);
  }
  Activation activation;
  activation.kind = found->kind;
  if (name == "elu") activation.alpha = bounded(node, "alpha", 1);
  // Not below the least normal number: 0 / alpha must not be NaN.
  if (name == "celu") activation.alpha = std::max(bounded(node, "alpha", 1, true), std::numeric_limits<float>::min());
  if (name == "hardSigmoid") {
    activation.alpha = bounded(node, "slope", 1.0 / 6.0, true);
    activation.offset = finite_attribute(node, "offset", 0.5);
  }
  if (name == "gelu" && node.flag("approximate")) activation.kind = Kind::kGeluTanh;
  if (name == "relu") {
    constexpr double kNone = std::numeric_limits<double>::infinity();
    activation.alpha = bounded(node, "negativeSlope", 0);
    activation.threshold = bounded(node, "threshold", 0);
    activation.maximum = bounded(node, "maxValue", kNone, true);
    const bool plain =
        activation.alpha == 0 && activation.threshold == 0 && activation.maximum == static_cast<float>(kNone);
    if (!plain) activation.kind = Kind::kBoundedRelu;
  }
  return activation;
}

}  // namespace

ActivationOp::ActivationOp(const NodeDescription& node, const Shape& in)
    : ElementwiseOp(node, in), activation_(read_activation(node)) {
  node.expect_parameters({}, 0);
}

Fusion ActivationOp::fusion() const {
  if (!follows_value()) return {};
  return {.activation = activation_};
}

LogitsOf ActivationOp::logits_of() const {
  return activation_.kind == Activation::Kind::kSigmoid ? LogitsOf::kSigmoid : LogitsOf::kNothing;
}

void ActivationOp::forward(const float* x, float* y, size_t count) const {
  kernels().activate(activation_, x, y, count);
}

void ActivationOp::backward(const float* value, const float* dy, float* dx, size_t count) const {
  kernels().activate_backward(activation_, value, dy, dx, count);
}

std::string fused_work(bool bias, const Activation& activation) {
  std::string applied;
  for (const KindName& k : kKinds) {
    const Kind kind = activation.kind == Kind::kBoundedRelu ? Kind::kRelu : activation.kind;
    if (k.kind == kind) applied = k.name;
  }
  if (!bias) return applied;
  return applied.empty() ? "bias" : "bias, " + applied;
}

std::unique_ptr<Op> make_activation(const NodeDescription& node, const Shape& in) {
  const std::string kind = node.text("kind");
  if (kind == "softmax" || kind == "logSoftmax") return std::make_unique<SoftmaxOp>(node, in);
  return std::make_unique<ActivationOp>(node, in);
}

}  // namespace convforge
