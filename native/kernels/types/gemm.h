// Products of matrices.
#pragma once

#include <cstddef>
#include <cstdint>

namespace convforge {

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
  // What is fetched into the caches meanwhile:
  ptrdiff_t a_ahead = 0;  // what lies so many floats behind A, for a later product,
  bool fetch_c = false;   // and C, where it isn't there yet
};

// A product whose rows are the cells under a row of `product.m` windows of 2 x 2, of which only the largest is kept:
// c[i * c_row + j] for window i, whose cells are the rows at 2 * i * a_row, that and a_row, and the two at a_below
// behind them. Bias and ReLU as in Gemm; a_depth is 1, and accumulate, a_ahead and fetch_c aren't taken.
struct GemmPool {
  Gemm product;
  ptrdiff_t a_below = 0;
  uint8_t* index = nullptr;  // the winner's place in its window, laid out as C, or null
};

// The storage of a matrix [k][n] that is the right-hand side of a product: panels of kPanel columns, [n /
// kPanel][k][kPanel], the last one padded with zeros. It is the same for every instruction set.
inline constexpr int kPanel = 32;

// y[r] = sum over panels p and lanes l < kPanel of x[p * x_panel + l] * w[p * w_panel + r * kPanel + l]: for each l a
// chain of fused multiply-adds in the order of p, and of the chains, as long as there are several, the first half plus
// the second.
struct PanelDots {
  int rows = 0;
  int panels = 0;
  const float* x = nullptr;
  ptrdiff_t x_panel = 0;
  const float* w = nullptr;
  ptrdiff_t w_panel = 0;
  float* y = nullptr;
};

// Fused multiply-adds on registers alone: the most that a core can do.
struct FmaPeak {
  size_t rounds = 0;
  double flops = 0;  // done, additions and multiplications
  float result = 0;
};

}  // namespace convforge
