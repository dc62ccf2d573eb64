// Sums over weights and gradients. Each has kPanel chains, element i in chain i mod kPanel, added up in order at the
// end: the same for every width of vectors.

constexpr int kChainVecs = kPanel / kLanes;

// The chains' sum, in order, in double.
CONVFORGE_INLINE double sum_chains(const Vec* chains) {
  float values[kPanel];
  for (int v = 0; v < kChainVecs; ++v) store(values + v * kLanes, chains[v]);
  double sum = 0;
  for (const float value : values) sum += value;
  return sum;
}

// Of combine(sum, x) over n elements, a multiple of kPanel.
template <typename Combine>
CONVFORGE_INLINE double sum_in_chains(const float* x, size_t n, Combine combine) {
  Vec chains[kChainVecs];
  for (Vec& chain : chains) chain = zero();
  for (size_t i = 0; i < n; i += kPanel) {
    for (int v = 0; v < kChainVecs; ++v) chains[v] = combine(chains[v], load(x + i + v * kLanes));
  }
  return sum_chains(chains);
}

void sum_absolutes(const float* x, size_t n, double* sum) {
  *sum = sum_in_chains(
      x, n, [](Vec total, Vec value) __attribute__((always_inline)) { return add(total, abs(value)); });
}

void sum_squares(const float* x, size_t n, double* sum) {
  *sum = sum_in_chains(
      x, n, [](Vec total, Vec value) __attribute__((always_inline)) { return fma(value, value, total); });
}

void bound_norms(const NormBound& b) {
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
  if (b.across) {
    const Vec total = broadcast(static_cast<float>(sum_chains(chains)));
    for (Vec& chain : chains) chain = total;
  }
  const Vec minimum = broadcast(b.minimum);
  const Vec maximum = broadcast(b.maximum);
  const Vec rest = broadcast(1.0f - b.rate);
  for (Vec& chain : chains) {
    const Vec norm = sqrt(chain);
    const Vec wanted = fma(rest, norm, mul(broadcast(b.rate), max(minimum, min(maximum, norm))));
    chain = div(wanted, add(norm, broadcast(1e-7f)));
  }
  for (size_t panel = 0; panel < b.panels; ++panel) {
    for (int r = 0; r < b.count; ++r) {
      float* row = b.w + static_cast<ptrdiff_t>(panel) * b.panel + b.rows[r];
      for (int v = 0; v < kChainVecs; ++v) store(row + v * kLanes, mul(load(row + v * kLanes), chains[v]));
    }
  }
}
