// What kernels take. Kernels are single-threaded functions over one tile of work; ops call them through a KernelTable.
#pragma once

#include <cstddef>
#include <cstdint>

namespace convforge {

enum class Activation { kLinear, kRelu, kSigmoid, kTanh };

// C[m][n] = sum over segments s and depth k of A(i, s, k) * B(s, k, j), each element a chain of fused multiply-adds in
// the order of s, then k, whatever the tile sizes: so that all instruction sets give the same bits. A(i, s, k) = a[i *
// a_row + k * a_depth + a_segments[s]], where a_row or a_depth is 1. B(s, k, j) = b[s * b_segment + k * b_depth + j].
struct Gemm {
  int m = 0;
  int n = 0;
  int depth = 0;
  int segments = 1;
  const float* a = nullptr;
  ptrdiff_t a_row = 0;
  ptrdiff_t a_depth = 0;
  const ptrdiff_t* a_segments = nullptr;  // null: one segment at offset 0
  const float* b = nullptr;
  ptrdiff_t b_depth = 0;
  ptrdiff_t b_segment = 0;
  float* c = nullptr;
  ptrdiff_t c_row = 0;
  bool accumulate = false;      // the chain starts from C, not from 0
  const float* bias = nullptr;  // n values, added after the sum
  bool relu = false;            // after the bias
};

// One row of pooling windows over rows of x: window o covers `rows` rows and the columns [column_begin[o],
// column_end[o]).
struct PoolRow {
  const float* x = nullptr;
  ptrdiff_t x_row = 0;
  ptrdiff_t x_column = 0;
  int rows = 0;
  int outputs = 0;
  const int32_t* column_begin = nullptr;
  const int32_t* column_end = nullptr;
  int channels = 0;
  float* y = nullptr;
  ptrdiff_t y_column = 0;
};

// The gradient of the same row of windows: adds to, or with `overwrite` (windows that don't overlap) replaces, dx.
struct UnpoolRow {
  const float* dy = nullptr;
  ptrdiff_t dy_column = 0;
  int rows = 0;
  int outputs = 0;
  const int32_t* column_begin = nullptr;
  const int32_t* column_end = nullptr;
  int channels = 0;
  float* dx = nullptr;
  ptrdiff_t dx_row = 0;
  ptrdiff_t dx_column = 0;
  bool overwrite = false;
};

// Rows of n class scores against targets: exactly one of `labels` (a class a row) and `targets` (n values a row) is
// set. Writes the loss of each row and, where dx is given, the gradient of grad_scale * the sum of losses.
struct CrossEntropy {
  const float* x = nullptr;  // logits, or probabilities
  const int32_t* labels = nullptr;
  const float* targets = nullptr;
  int rows = 0;
  int n = 0;
  float* probabilities = nullptr;  // logits only: where to write softmax(x)
  float* row_loss = nullptr;
  float* dx = nullptr;
  float grad_scale = 0.0f;
};

struct Adam {
  float* w = nullptr;
  const float* g = nullptr;
  float* m = nullptr;
  float* v = nullptr;
  size_t n = 0;
  float rate = 0.0f;  // with the bias correction in it
  float beta1 = 0.0f;
  float beta2 = 0.0f;
  float one_minus_beta1 = 0.0f;
  float one_minus_beta2 = 0.0f;
  float epsilon = 0.0f;
};

struct Sgd {
  float* w = nullptr;
  const float* g = nullptr;
  float* velocity = nullptr;  // null without momentum
  size_t n = 0;
  float rate = 0.0f;
  float momentum = 0.0f;
  bool nesterov = false;
};

// The storage of a matrix [k][n] that is the right-hand side of a product: panels of kPanel columns, [n /
// kPanel][k][kPanel], the last one padded with zeros. It is the same for every instruction set.
inline constexpr int kPanel = 32;

}  // namespace convforge
