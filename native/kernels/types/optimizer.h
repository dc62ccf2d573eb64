// Optimizers and constraints.
#pragma once

#include <cstddef>
#include <cstdint>

namespace convforge {

// Weights that an optimizer updates, with their gradient and their slots, in the optimizer's order. A slot is null if
// the optimizer doesn't have it.
struct WeightPiece {
  float* w = nullptr;
  const float* g = nullptr;
  float* slots[3] = {};
  size_t n = 0;
};

// Arguments of the update rules. Formulas and slots: OptimizerDescription in lib/program/description.ts. The caller
// computes what depends on the step alone.

struct Sgd : WeightPiece {
  float rate = 0.0f;
  float momentum = 0.0f;
  bool nesterov = false;
};

struct Adam : WeightPiece {
  float rate = 0.0f;  // includes the bias correction
  float beta1 = 0.0f;
  float beta2 = 0.0f;
  float one_minus_beta1 = 0.0f;
  float one_minus_beta2 = 0.0f;
  float epsilon = 0.0f;
};

struct Adamax : WeightPiece {
  float rate = 0.0f;  // includes the bias correction
  float beta1 = 0.0f;
  float beta2 = 0.0f;
  float one_minus_beta1 = 0.0f;
  float epsilon = 0.0f;
};

struct Nadam : WeightPiece {
  float mean_rate = 0.0f;      // factor of m, with bias correction and momentum schedule
  float gradient_rate = 0.0f;  // factor of the gradient, likewise
  float square_scale = 0.0f;   // bias correction of v
  float beta1 = 0.0f;
  float beta2 = 0.0f;
  float one_minus_beta1 = 0.0f;
  float one_minus_beta2 = 0.0f;
  float epsilon = 0.0f;
};

struct RmsProp : WeightPiece {
  float rate = 0.0f;
  float rho = 0.0f;
  float one_minus_rho = 0.0f;
  float momentum = 0.0f;
  float epsilon = 0.0f;
};

struct Adagrad : WeightPiece {
  float rate = 0.0f;
  float epsilon = 0.0f;
};

struct Adadelta : WeightPiece {
  float rate = 0.0f;
  float rho = 0.0f;
  float one_minus_rho = 0.0f;
  float epsilon = 0.0f;
};

struct Lion : WeightPiece {
  float rate = 0.0f;
  float beta1 = 0.0f;
  float beta2 = 0.0f;
  float one_minus_beta1 = 0.0f;
  float one_minus_beta2 = 0.0f;
};

// Rows of a packed matrix whose norms are constrained together. With `across`, all columns of the rows share one norm;
// otherwise there is one panel and each column has its own. w = w * (rate * clip(norm) + (1 - rate) * norm) / (norm +
// 1e-7).
struct NormConstraint {
  float* w = nullptr;             // the first panel
  const int32_t* rows = nullptr;  // offsets of the rows, in floats
  int count = 0;
  size_t panels = 1;
  ptrdiff_t panel = 0;  // floats between panels
  bool across = false;
  float minimum = 0.0f;
  float maximum = 0.0f;
  float rate = 1.0f;
};

}  // namespace convforge
