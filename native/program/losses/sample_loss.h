// The loss of one sample and its gradient, in a table by kind. Formulas: LossDescription in lib/program/description.ts.
#pragma once

#include <optional>
#include <string>

#include "kernels/types.h"
#include "ops/fusion.h"
#include "plan/description.h"

namespace convforge {

// A sample's outputs, `rows` of n, and its targets. Exactly one of `labels` (one class per row) and `targets` must be
// set.
struct SampleLossCall {
  const float* x = nullptr;  // outputs, or with `logits` the arguments of their softmax or sigmoid
  const int32_t* labels = nullptr;
  const float* targets = nullptr;
  size_t rows = 0;
  size_t n = 0;
  bool logits = false;
  LossParameters parameters = {};
  std::optional<int32_t> ignored = {};  // the class whose rows are ignored
  const float* row_weights = nullptr;   // factor of each row's loss and gradient; null: 1
  float* probabilities = nullptr;       // output: softmax or sigmoid of logits; may be null for a sigmoid
  float* dx = nullptr;                  // output: the gradient times grad_scale; or null
  float grad_scale = 0;

  size_t elements() const { return rows * n; }
  float weight_of(size_t row) const { return row_weights ? row_weights[row] : 1.0f; }
  // Multiplies a row's gradient, if there is one, by the row's weight.
  void weigh_gradient(size_t row) const {
    if (!row_weights || !dx) return;
    for (size_t j = 0; j < n; ++j) dx[row * n + j] *= row_weights[row];
  }
};

struct LossKind {
  const char* name;
  bool takes_classes;
  // The activation whose logits the loss can take instead of its output.
  LogitsOf logits_of;
  // Writes dx and returns the sample's loss. Sums run in the order of elements.
  double (*compute)(const SampleLossCall& call);
};

// Throws Error UNSUPPORTED.
const LossKind& loss_kind(const std::string& name);

// The parameters of a description, for rows of n. Throws Error INVALID_ARGUMENT, citing `layer`, if one is out of
// range.
LossParameters loss_parameters(const LossDescription& description, size_t n, const std::string& layer);

// The class to ignore, if any. Throws Error INVALID_ARGUMENT, citing `layer`, if it isn't an int32, or if the loss
// takes no classes.
std::optional<int32_t> ignored_class(const LossDescription& description, const std::string& layer);

// Cross-entropies, in cross_entropies.cpp.
double cross_entropy(const SampleLossCall& call);
double focal_cross_entropy(const SampleLossCall& call);
// Losses of whole rows, in row_losses.cpp.
double categorical_hinge(const SampleLossCall& call);
double cosine_similarity(const SampleLossCall& call);

}  // namespace convforge
