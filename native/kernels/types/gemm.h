// Products of matrices.
#pragma once

#include <cstddef>
#include <cstdint>

namespace convforge {

// How a matrix [k][n] is packed as the right-hand side of a product: panels of kPanel columns, [n / kPanel][k][kPanel].
// The last panel is zero-padded. The layout is the same for every instruction set.
inline constexpr int kPanel = 32;

// C = A * B, plus an epilogue. The rows are `strips` groups of m rows. Row i of strip t, column j:
//   C(t, i, j) = sum over segments s and depth k of A(t, i, s, k) * B(s, k, j), with
//   A(t, i, s, k) = a[a_strips[t] + i * a_row + a_segments[s] + k * a_depth], where a_row or a_depth is 1,
//   B(s, k, j) = b[s * b_segment + k * b_depth + j / kPanel * b_panel + j % kPanel],
//   C(t, i, j) at c[(t * m + i) * c_row + j / kPanel * c_panel + j % kPanel].
// Each element is one chain of fused multiply-adds in the order of s, then k, whatever the tile sizes. So all
// instruction sets give the same bits.
struct Gemm {
  int m = 0;
  int strips = 1;
  int n = 0;
  int depth = 0;
  int segments = 1;
  const float* a = nullptr;
  ptrdiff_t a_row = 0;
  ptrdiff_t a_depth = 0;
  const ptrdiff_t* a_strips = nullptr;    // null: one strip at offset 0
  const ptrdiff_t* a_segments = nullptr;  // null: one segment at offset 0
  const float* b = nullptr;
  ptrdiff_t b_depth = 0;
  ptrdiff_t b_segment = 0;
  ptrdiff_t b_panel = kPanel;
  float* c = nullptr;
  ptrdiff_t c_row = 0;
  ptrdiff_t c_panel = kPanel;
  bool accumulate = false;           // each chain starts from C instead of 0
  const float* bias = nullptr;       // n values, added to the sums; or null
  bool relu = false;                 // applied after the bias
  float maximum = __builtin_inff();  // of ReLU
  // Prefetch distances in A and in B, in floats, for a later segment or product; 0 for none.
  ptrdiff_t a_prefetch = 0;
  ptrdiff_t b_prefetch = 0;
  bool prefetch_c = false;
  // Whether C may be stored past the caches. c, c_row and c_panel must then be whole cache lines, and n whole vectors
  // of 16.
  bool stream = false;
  float* scratch = nullptr;  // kGemmScratch floats to pack parts of A and B in; null: they are read in place
};

// Floats of scratch that suffice for every product and target.
inline constexpr size_t kGemmScratch = 74 * 1024;

// A product followed by 2x2 max-pooling. The rows of A are the cells under one row of `product.m` windows, and only the
// largest of each window is stored. Window i has the rows at 2 * i * a_row, 2 * i * a_row + a_row, and the two at
// a_below behind these; its result is c[i * c_row + j]. Bias and ReLU work as in Gemm. a_depth must be 1; accumulate,
// a_prefetch and prefetch_c are ignored.
struct GemmPool {
  Gemm product;
  ptrdiff_t a_below = 0;
  uint8_t* index = nullptr;  // the winning index of each window (0 to 3), laid out as C; or null
};

// y[r] = sum over panels p and lanes l < kPanel of x[p * x_panel + l] * w[p * w_panel + r * kPanel + l]. Each l is a
// chain of fused multiply-adds in the order of p. The chains are added by halves: the first half plus the second, until
// one is left.
struct PanelDots {
  int rows = 0;
  int panels = 0;
  const float* x = nullptr;
  ptrdiff_t x_panel = 0;
  const float* w = nullptr;
  ptrdiff_t w_panel = 0;
  float* y = nullptr;
};

// y[row * step + i] += x[row * x_row + i], for all rows in order and i < width. Rows overlap where width > step.
struct OverlappingRows {
  const float* x = nullptr;
  ptrdiff_t x_row = 0;
  int rows = 0;
  int width = 0;
  int step = 0;
  float* y = nullptr;
};

// Fused multiply-adds on registers alone, which measure the peak of a core.
struct FmaPeak {
  size_t rounds = 0;
  double flops = 0;  // additions and multiplications done
  float result = 0;
};

}  // namespace convforge
