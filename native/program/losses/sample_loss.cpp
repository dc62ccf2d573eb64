#include "program/losses/sample_loss.h"

#include <algorithm>
#include <cmath>

#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

// The divisor of the sum over a sample's elements.
enum class Mean { kOverElements, kOverRows, kNone };

template <ElementLoss kKind, ElementLoss kOfLogits = kKind, Mean kMean = Mean::kOverElements>
double sum_of_elements(const SampleLossCall& call) {
  constexpr size_t kBlock = 512;
  float values[kBlock];
  const size_t elements = call.elements();
  const size_t divisor = kMean == Mean::kOverElements ? elements : kMean == Mean::kOverRows ? call.rows : 1;
  ElementLosses e;
  e.parameters = call.parameters;
  e.values = values;
  e.grad_scale = call.grad_scale / static_cast<float>(divisor);
  double sum = 0;
  for (size_t first = 0; first < elements; first += kBlock) {
    e.x = call.x + first;
    e.t = call.targets + first;
    e.n = std::min(kBlock, elements - first);
    e.dx = call.dx ? call.dx + first : nullptr;
    kernels().element_losses(call.logits ? kOfLogits : kKind, e);
    if (call.row_weights) {
      for (size_t i = 0; i < e.n; ++i) sum += static_cast<double>(call.weight_of((first + i) / call.n)) * values[i];
    } else {
      for (size_t i = 0; i < e.n; ++i) sum += values[i];
    }
  }
  for (size_t row = 0; row < call.rows; ++row) call.weigh_gradient(row);
  if (call.logits && call.probabilities)
    kernels().activate({.kind = Activation::Kind::kSigmoid}, call.x, call.probabilities, elements);
  return sum / static_cast<double>(divisor);
}

using enum ElementLoss;
using enum LogitsOf;

constexpr LossKind kLossKinds[] = {
    {"categoricalCrossentropy", false, kSoftmax, cross_entropy},
    {"sparseCategoricalCrossentropy", true, kSoftmax, cross_entropy},
    {"binaryCrossentropy", false, kSigmoid, sum_of_elements<kBinary, kBinaryOfLogits>},
    {"categoricalFocalCrossentropy", false, kSoftmax, focal_cross_entropy},
    {"binaryFocalCrossentropy", false, kSigmoid, sum_of_elements<kFocal, kFocalOfLogits>},
    {"meanSquaredError", false, kNothing, sum_of_elements<kSquared>},
    {"halfSquaredError", false, kNothing, sum_of_elements<kHalfSquared, kHalfSquared, Mean::kNone>},
    {"meanAbsoluteError", false, kNothing, sum_of_elements<kAbsolute>},
    {"meanAbsolutePercentageError", false, kNothing, sum_of_elements<kPercentage>},
    {"meanSquaredLogarithmicError", false, kNothing, sum_of_elements<kSquaredLogarithmic>},
    {"huber", false, kNothing, sum_of_elements<kHuber>},
    {"logCosh", false, kNothing, sum_of_elements<kLogCosh>},
    {"hinge", false, kNothing, sum_of_elements<kHinge>},
    {"squaredHinge", false, kNothing, sum_of_elements<kSquaredHinge>},
    {"categoricalHinge", false, kNothing, categorical_hinge},
    {"klDivergence", false, kNothing, sum_of_elements<kDivergence, kDivergence, Mean::kOverRows>},
    {"poisson", false, kNothing, sum_of_elements<kPoisson>},
    {"cosineSimilarity", false, kNothing, cosine_similarity},
};

}  // namespace

const LossKind& loss_kind(const std::string& name) {
  for (const LossKind& kind : kLossKinds) {
    if (name == kind.name) return kind;
  }
  throw Error("UNSUPPORTED", "there is no loss '" + name + "'");
}

LossParameters loss_parameters(const LossDescription& description, size_t n, const std::string& layer) {
  const auto check = [&](const char* what, double value, bool fits, const char* range) {
    if (std::isfinite(value) && fits) return;
    throw Error("INVALID_ARGUMENT",
                layer + ": " + what + " of its loss is " + format_number(value) + "; it must be " + range, layer);
  };
  const double smoothing = description.label_smoothing;
  check("labelSmoothing", smoothing, smoothing >= 0 && smoothing <= 1, "from 0 to 1");
  check("delta", description.delta, description.delta > 0, "above 0");
  check("gamma", description.gamma, description.gamma >= 0, "from 0 up");
  const double alpha = description.alpha.value_or(1);
  check("alpha", alpha, true, "a finite number");
  const bool binary = loss_kind(description.kind).logits_of == kSigmoid;
  LossParameters parameters;
  parameters.target_scale = static_cast<float>(1 - smoothing);
  parameters.target_shift = static_cast<float>(smoothing / (binary ? 2 : static_cast<double>(n)));
  parameters.delta = static_cast<float>(description.delta);
  parameters.gamma = static_cast<float>(description.gamma);
  parameters.alpha = static_cast<float>(alpha);
  parameters.other_alpha = description.alpha ? static_cast<float>(1 - alpha) : 1.0f;
  return parameters;
}

std::optional<int32_t> ignored_class(const LossDescription& description, const std::string& layer) {
  if (!description.ignore_class) return std::nullopt;
  const double label = *description.ignore_class;
  if (!loss_kind(description.kind).takes_classes)
    throw Error("INVALID_ARGUMENT", layer + ": " + description.kind + " takes no classes, so it ignores none", layer);
  if (!(std::abs(label) < 0x1p31) || label != std::floor(label)) {
    throw Error(
        "INVALID_ARGUMENT",
        layer + ": ignoreClass of its loss is " + format_number(label) + "; it must be a whole number of 32 bits",
        layer);
  }
  return static_cast<int32_t>(label);
}

}  // namespace convforge
