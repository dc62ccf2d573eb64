// Losses.
#pragma once

#include <cstddef>
#include <cstdint>

namespace convforge {

// Numbers that losses take. A target t counts as t * target_scale + target_shift: smoothed, where it is for a class.
struct LossNumbers {
  float target_scale = 1.0f;
  float target_shift = 0.0f;
  float delta = 1.0f;
  float gamma = 2.0f;
  float alpha = 1.0f;        // what a target of 1 weighs,
  float other_alpha = 1.0f;  // and one of 0, where there are two
};

// Rows of n class scores against targets: exactly one of `labels` (a class a row) and `targets` (n values a row) is
// set. Writes the loss of each row and, where dx is given, the gradient of grad_scale * the sum of losses.
struct CrossEntropy {
  const float* x = nullptr;  // logits, or probabilities
  const int32_t* labels = nullptr;
  const float* targets = nullptr;
  int rows = 0;
  int n = 0;
  LossNumbers numbers = {};
  float* probabilities = nullptr;  // logits only: where to write softmax(x)
  float* row_loss = nullptr;
  float* dx = nullptr;
  float grad_scale = 0.0f;
};

// Losses of single elements, a prediction x against a target t: formulas in lib/program/description.ts. Those of
// logits are of the sigmoid of x.
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

// Writes the loss of each of n elements and, where dx is given, its derivative by x times grad_scale.
struct ElementLosses {
  const float* x = nullptr;
  const float* t = nullptr;
  size_t n = 0;
  LossNumbers numbers = {};
  float* values = nullptr;
  float* dx = nullptr;
  float grad_scale = 0.0f;
};

}  // namespace convforge
