// The loss of one sample, and its gradient: a table of kinds. Formulas: LossDescription in lib/program/description.ts.
#pragma once

#include <optional>
#include <string>

#include "kernels/types.h"
#include "ops/fusion.h"
#include "plan/description.h"

namespace convforge {

// A sample's outputs, `rows` of n, against its targets: exactly one of `labels` (a class a row) and `targets` is set.
struct SampleLossCall {
  const float* x = nullptr;  // outputs or, where `logits`, what a softmax or sigmoid would make them from
  const int32_t* labels = nullptr;
  const float* targets = nullptr;
  size_t rows = 0;
  size_t n = 0;
  bool logits = false;
  LossParameters parameters = {};
  std::optional<int32_t> ignored = {};  // the class whose rows have no loss
  const float* row_weights = nullptr;   // what each row's loss and gradient are multiplied by; null: 1
  float* probabilities = nullptr;       // where to write the softmax or sigmoid of logits; a sigmoid may go without
  float* dx = nullptr;                  // where to write the gradient times grad_scale, or null
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
  // The activation whose logits the loss can take instead of its outputs.
  LogitsOf logits_of;
  // Writes dx and gives the sample's loss. Sums run in the order of elements.
  double (*compute)(const SampleLossCall& call);
};

// Throws Error UNSUPPORTED.
const LossKind& loss_kind(const std::string& name);

// The parameters of a description, for rows of n. Throws Error INVALID_ARGUMENT for those out of range, citing `layer`.
LossParameters loss_parameters(const LossDescription& description, size_t n, const std::string& layer);

// The description's class to ignore. Throws Error INVALID_ARGUMENT, citing `layer`, for what is no class, and for a
// loss that takes no classes.
std::optional<int32_t> ignored_class(const LossDescription& description, const std::string& layer);

// Crossentropies of classes, in cross_entropies.cpp.
double cross_entropy(const SampleLossCall& call);
double focal_cross_entropy(const SampleLossCall& call);
// Losses of whole rows, in row_losses.cpp.
double categorical_hinge(const SampleLossCall& call);
double cosine_similarity(const SampleLossCall& call);

}  // namespace convforge
