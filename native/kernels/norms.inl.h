// Sums over weights and gradients. Each has kPanel chains: element i goes to chain i % kPanel, and the chains are added
// in order. So the result is the same for every vector width.

constexpr int kChainVecs = kPanel / kLanes;

// The sum of the chains, in order, in double precision.
CONVFORGE_INLINE double sum_chains(const Vec* chains) {
  float values[kPanel];
  for (int v = 0; v < kChainVecs; ++v) store(values + v * kLanes, chains[v]);
  double sum = 0;
  for (const float value : values) sum += value;
  return sum;
}

CONVFORGE_INLINE bool is_number(double x) { return x - x == 0; }

// Reduces n elements by combine(sum, x); n must be a multiple of kPanel. combine takes vectors, or doubles for a second
// pass where a chain has overflowed.
template <typename Combine>
CONVFORGE_INLINE double sum_in_chains(const float* x, size_t n, Combine combine) {
  Vec chains[kChainVecs];
  for (Vec& chain : chains) chain = zero();
  for (size_t i = 0; i < n; i += kPanel) {
    for (int v = 0; v < kChainVecs; ++v) chains[v] = combine(chains[v], load(x + i + v * kLanes));
  }
  const double sum = sum_chains(chains);
  if (is_number(sum)) return sum;
  double exact = 0;
  for (size_t i = 0; i < n; ++i) exact = combine(exact, static_cast<double>(x[i]));
  return exact;
}

struct AddAbsolute {
  CONVFORGE_INLINE Vec operator()(Vec total, Vec value) const { return add(total, abs(value)); }
  CONVFORGE_INLINE double operator()(double total, double value) const { return total + (value < 0 ? -value : value); }
};

struct AddSquare {
  CONVFORGE_INLINE Vec operator()(Vec total, Vec value) const { return fma(value, value, total); }
  CONVFORGE_INLINE double operator()(double total, double value) const { return total + value * value; }
};

void sum_absolutes(const float* x, size_t n, double* sum) { *sum = sum_in_chains(x, n, AddAbsolute{}); }

void sum_squares(const float* x, size_t n, double* sum) { *sum = sum_in_chains(x, n, AddSquare{}); }

// Computes the factors of constrain_norms in double precision, where squares overflow. Writes them to chains.
CONVFORGE_INLINE void large_norm_factors(const NormConstraint& b, Vec* chains) {
  float factors[kPanel];
  double squares[kPanel] = {};
  for (size_t panel = 0; panel < b.panels; ++panel) {
    for (int r = 0; r < b.count; ++r) {
      const float* row = b.w + static_cast<ptrdiff_t>(panel) * b.panel + b.rows[r];
      for (int j = 0; j < kPanel; ++j) squares[b.across ? 0 : j] += static_cast<double>(row[j]) * row[j];
    }
  }
  for (int j = 0; j < kPanel; ++j) {
    const double norm = __builtin_sqrt(squares[b.across ? 0 : j]);
    const double most = norm > b.maximum ? b.maximum : norm;  // propagates NaN
    const double clipped = most < b.minimum ? b.minimum : most;
    factors[j] = static_cast<float>((b.rate * clipped + (1 - static_cast<double>(b.rate)) * norm) / (norm + 1e-7));
  }
  for (int v = 0; v < kChainVecs; ++v) chains[v] = load(factors + v * kLanes);
}

void constrain_norms(const NormConstraint& b) {
  Vec chains[kChainVecs];
  for (Vec& chain : chains) chain = zero();
  for (size_t panel = 0; panel < b.panels; ++panel) {
    for (int r = 0; r < b.count; ++r) {
      const float* row = b.w + static_cast<ptrdiff_t>(panel) * b.panel + b.rows[r];
      for (int v = 0; v < kChainVecs; ++v) {
        const Vec x = load(row + v * kLanes);
        chains[v] = fma(x, x, chains[v]);
      }
    }
  }
  const double sum = sum_chains(chains);
  const bool large = !is_number(sum);
  if (b.across) {
    for (Vec& chain : chains) chain = broadcast(static_cast<float>(sum));
  }
  const Vec minimum = broadcast(b.minimum);
  const Vec maximum = broadcast(b.maximum);
  const Vec rest = broadcast(1.0f - b.rate);
  for (Vec& chain : chains) {
    const Vec norm = sqrt(chain);
    const Vec constrained = fma(rest, norm, mul(broadcast(b.rate), max(minimum, min(maximum, norm))));
    chain = div(constrained, add(norm, broadcast(1e-7f)));
  }
  if (large) large_norm_factors(b, chains);
  for (size_t panel = 0; panel < b.panels; ++panel) {
    for (int r = 0; r < b.count; ++r) {
      float* row = b.w + static_cast<ptrdiff_t>(panel) * b.panel + b.rows[r];
      for (int v = 0; v < kChainVecs; ++v) store(row + v * kLanes, mul(load(row + v * kLanes), chains[v]));
    }
  }
}
