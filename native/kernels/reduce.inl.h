// Reductions in double precision, in loops that compilers vectorize. Lanes hold different chains or columns.

template <Reduction kKind>
CONVFORGE_INLINE double combined(double total, double x) {
  if constexpr (kKind == Reduction::kSum) return total + x;
  if constexpr (kKind == Reduction::kProduct) return total * x;
  if constexpr (kKind == Reduction::kMax) return x > total || x != x ? x : total;
  return x < total || x != x ? x : total;
}

// What leaves any value as it is.
template <Reduction kKind>
CONVFORGE_INLINE double neutral() {
  if constexpr (kKind == Reduction::kSum) return 0.0;
  if constexpr (kKind == Reduction::kProduct) return 1.0;
  return kKind == Reduction::kMax ? -__builtin_inf() : __builtin_inf();
}

// Element i goes to chain i % kChains. The chains are combined in order.
template <Reduction kKind>
CONVFORGE_INLINE double reduce_row(const float* x, size_t n) {
  constexpr size_t kChains = 16;
  double chains[kChains];
  for (double& chain : chains) chain = neutral<kKind>();
  size_t i = 0;
  for (; i + kChains <= n; i += kChains) {
    for (size_t j = 0; j < kChains; ++j) chains[j] = combined<kKind>(chains[j], static_cast<double>(x[i + j]));
  }
  for (size_t j = 0; i + j < n; ++j) chains[j] = combined<kKind>(chains[j], static_cast<double>(x[i + j]));
  double total = chains[0];
  for (size_t j = 1; j < kChains; ++j) total = combined<kKind>(total, chains[j]);
  return total;
}

template <Reduction kKind>
void reduce_rows_as(const float* x, size_t rows, size_t n, double* totals) {
  for (size_t row = 0; row < rows; ++row, x += n) totals[row] = combined<kKind>(totals[row], reduce_row<kKind>(x, n));
}

template <Reduction kKind>
void reduce_columns_as(const float* x, size_t rows, size_t stride, size_t n, double* totals) {
  constexpr size_t kColumns = 32;
  size_t first = 0;
  for (; first + kColumns <= n; first += kColumns) {
    double sums[kColumns];
    for (size_t j = 0; j < kColumns; ++j) sums[j] = totals[first + j];
    for (size_t row = 0; row < rows; ++row) {
      const float* p = x + row * stride + first;
      for (size_t j = 0; j < kColumns; ++j) sums[j] = combined<kKind>(sums[j], static_cast<double>(p[j]));
    }
    for (size_t j = 0; j < kColumns; ++j) totals[first + j] = sums[j];
  }
  for (size_t row = 0; row < rows && first < n; ++row) {
    for (size_t j = first; j < n; ++j) totals[j] = combined<kKind>(totals[j], static_cast<double>(x[row * stride + j]));
  }
}

// Calls the instance of `function` for `kind`.
#define CONVFORGE_BY_REDUCTION(function, ...)            \
  switch (kind) {                                        \
    case Reduction::kSum:                                \
      return function<Reduction::kSum>(__VA_ARGS__);     \
    case Reduction::kProduct:                            \
      return function<Reduction::kProduct>(__VA_ARGS__); \
    case Reduction::kMax:                                \
      return function<Reduction::kMax>(__VA_ARGS__);     \
    case Reduction::kMin:                                \
      return function<Reduction::kMin>(__VA_ARGS__);     \
  }

// Combines each of `rows` rows of n elements with its total.
void reduce_rows(Reduction kind, const float* x, size_t rows, size_t n, double* totals) {
  CONVFORGE_BY_REDUCTION(reduce_rows_as, x, rows, n, totals)
}

// Combines each of n columns, from the first row to the last, with its total. Rows are `stride` floats apart.
void reduce_columns(Reduction kind, const float* x, size_t rows, size_t stride, size_t n, double* totals) {
  CONVFORGE_BY_REDUCTION(reduce_columns_as, x, rows, stride, n, totals)
}

#undef CONVFORGE_BY_REDUCTION
