// Losses.
#pragma once

#include <cstddef>
#include <cstdint>

namespace convforge {

// Parameters of losses. A target t counts as t * target_scale + target_shift (label smoothing).
struct LossParameters {
  float target_scale = 1.0f;
  float target_shift = 0.0f;
  float delta = 1.0f;
  float gamma = 2.0f;
  float alpha = 1.0f;        // weight of a target of 1
  float other_alpha = 1.0f;  // weight of a target of 0, for losses with two classes
};

// Cross-entropy of rows of n class scores. Exactly one of `labels` (one class per row) and `targets` (n values per row)
// must be set. Writes the loss of each row to row_loss. If dx is given, writes the gradient of grad_scale * the sum of
// the losses.
struct CrossEntropy {
  const float* x = nullptr;  // logits, or probabilities
  const int32_t* labels = nullptr;
  const float* targets = nullptr;
  int rows = 0;
  int n = 0;
  LossParameters parameters = {};
  float* probabilities = nullptr;  // output: softmax(x), for logits only
  float* row_loss = nullptr;
  float* dx = nullptr;
  float grad_scale = 0.0f;
};

// Losses of single elements, of a prediction x against a target t. Formulas: lib/program/description.ts. Those of
// logits apply to sigmoid(x).
enum class ElementLoss {
  kSquared,
  kHalfSquared,
  kAbsolute,
  kPercentage,
  kSquaredLogarithmic,
  kHuber,
  kLogCosh,
  kHinge,
  kSquaredHinge,
  kPoisson,
  kDivergence,
  kBinary,
  kBinaryOfLogits,
  kFocal,
  kFocalOfLogits,
};

// Writes the loss of each of n elements. If dx is given, writes grad_scale * the derivative by x.
struct ElementLosses {
  const float* x = nullptr;
  const float* t = nullptr;
  size_t n = 0;
  LossParameters parameters = {};
  float* values = nullptr;
  float* dx = nullptr;
  float grad_scale = 0.0f;
};

}  // namespace convforge
