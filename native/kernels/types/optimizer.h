// Optimizers and constraints.
#pragma once

#include <cstddef>
#include <cstdint>

namespace convforge {

// Weights that an optimizer updates, with their gradient and its slots in their order (null: it has no such slot).
struct WeightPiece {
  float* w = nullptr;
  const float* g = nullptr;
  float* slots[3] = {};
  size_t n = 0;
};

// Updates of pieces of weights. Formulas and slots: OptimizerDescription in lib/program/description.ts. What depends on
// the step alone is in the factors.

struct Sgd : WeightPiece {
  float rate = 0.0f;
  float momentum = 0.0f;
  bool nesterov = false;
};

struct Adam : WeightPiece {
  float rate = 0.0f;  // with the bias correction in it
  float beta1 = 0.0f;
  float beta2 = 0.0f;
  float one_minus_beta1 = 0.0f;
  float one_minus_beta2 = 0.0f;
  float epsilon = 0.0f;
};

struct Adamax : WeightPiece {
  float rate = 0.0f;  // with the bias correction in it
  float beta1 = 0.0f;
  float beta2 = 0.0f;
  float one_minus_beta1 = 0.0f;
  float epsilon = 0.0f;
};

struct Nadam : WeightPiece {
  float mean_rate = 0.0f;      // of m,
  float gradient_rate = 0.0f;  // and of the gradient itself, with bias corrections and momentum schedule in them
  float square_scale = 0.0f;   // the bias correction of v
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

// Rows of a matrix in panels whose norms are bounded together. With `across`, the rows' columns share one norm; else
// each column of the one panel has its own. w = w * (rate * clip(norm) + (1 - rate) * norm) / (norm + 1e-7).
struct NormBound {
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
