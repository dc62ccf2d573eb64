// Statistics and gradients of normalizations over [rows][channels]. Lanes hold channels, and each channel is summed
// over the rows in order. Contracts: ChannelMoments, ChannelNormalize and ChannelGradient in
// kernels/types/normalization.h.

// The number of rows whose mean is the shift.
constexpr int kFirstRows = 64;

// The shifted-data algorithm: distances from the mean of the first rows are summed in one pass over all rows, then
// corrected by the distance between the two means. The first rows are a part of all, so that distance is small and the
// correction cancels little, however large the mean is. (Chan, Golub, LeVeque: Algorithms for Computing the Sample
// Variance, 1983)
template <int kVecs>
CONVFORGE_INLINE void moments_run(const ChannelMoments& m, int channel, int count, bool whole) {
  const float* x = m.x + channel;
  const int first = m.rows < kFirstRows ? m.rows : kFirstRows;
  Vec sum[kVecs];
  CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) sum[v] = zero();
  for (int r = 0; r < first; ++r) {
    CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) {
      sum[v] = add(sum[v], load_part(x + r * m.row + v * kLanes, count, whole));
    }
  }
  Vec centre[kVecs];
  Vec squares[kVecs];
  CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) {
    centre[v] = mul(sum[v], broadcast(1.0f / static_cast<float>(first)));
    sum[v] = squares[v] = zero();
  }
  for (int r = 0; r < m.rows; ++r) {
    CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) {
      const Vec distance = sub(load_part(x + r * m.row + v * kLanes, count, whole), centre[v]);
      sum[v] = add(sum[v], distance);
      squares[v] = fma(distance, distance, squares[v]);
    }
  }
  const Vec share = broadcast(1.0f / static_cast<float>(m.rows));
  CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) {
    const Vec off = mul(sum[v], share);
    const Vec about_mean = sub(squares[v], mul(off, sum[v]));
    store_part(m.mean + channel + v * kLanes, add(centre[v], off), count, whole);
    store_part(m.squares + channel + v * kLanes, max(zero(), about_mean), count, whole);
  }
}

void channel_moments(const ChannelMoments& m) {
  for_channels(
      m.channels, [&m]<int kVecs>(Channels<kVecs> c)
                      __attribute__((always_inline)) { moments_run<kVecs>(m, c.first, c.lanes, c.whole); });
}

// The parameters of some vectors of channels, in registers.
template <int kVecs>
struct ChannelVecs {
  Vec mean[kVecs];
  Vec scale[kVecs];
  Vec shift[kVecs];
};

template <int kVecs>
CONVFORGE_INLINE ChannelVecs<kVecs> load_channels(const ChannelNormalize& n, int channel, int count, bool whole) {
  ChannelVecs<kVecs> vecs;
  CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) {
    const int at = channel + v * kLanes;
    vecs.mean[v] = load_part(n.mean + at, count, whole);
    vecs.scale[v] = load_part(n.scale + at, count, whole);
    vecs.shift[v] = load_part(n.shift + at, count, whole);
  }
  return vecs;
}

template <int kVecs, bool kRelu>
CONVFORGE_INLINE void normalize_run(const ChannelNormalize& n, float* y, int channel, int count, bool whole) {
  const ChannelVecs<kVecs> by = load_channels<kVecs>(n, channel, count, whole);
  for (int r = 0; r < n.rows; ++r) {
    CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) {
      const ptrdiff_t at = r * n.row + channel + v * kLanes;
      Vec value = fma(sub(load_part(n.x + at, count, whole), by.mean[v]), by.scale[v], by.shift[v]);
      if constexpr (kRelu) value = min(broadcast(n.maximum), max(zero(), value));
      store_part(y + at, value, count, whole);
    }
  }
}

template <bool kRelu>
void normalize_as(const ChannelNormalize& n, float* y) {
  for_channels(
      n.channels, [&n, y ]<int kVecs>(Channels<kVecs> c)
                      __attribute__((always_inline)) { normalize_run<kVecs, kRelu>(n, y, c.first, c.lanes, c.whole); });
}

void channel_normalize(const ChannelNormalize& n, float* y) {
  n.relu ? normalize_as<true>(n, y) : normalize_as<false>(n, y);
}

enum class Relu { kNone, kPlain, kBounded };

CONVFORGE_INLINE Relu relu_of(const ChannelGradient& g) {
  if (!g.relu) return Relu::kNone;
  return g.maximum < __builtin_inff() ? Relu::kBounded : Relu::kPlain;
}

// The gradient by the value before ReLU. That value is computed again as in the forward pass, which costs less than
// reading the stored output.
template <Relu kRelu>
CONVFORGE_INLINE Vec before_relu(const ChannelGradient& g, Vec distance, Vec scale, Vec shift, Vec dy) {
  if constexpr (kRelu == Relu::kNone) return dy;
  const Vec value = fma(distance, scale, shift);
  if constexpr (kRelu == Relu::kPlain) return select(greater(value, zero()), dy, zero());
  return select(both(greater(value, zero()), greater(broadcast(g.maximum), value)), dy, zero());
}

template <int kVecs, Relu kRelu>
CONVFORGE_INLINE void gradient_sums_run(const ChannelGradient& g, int channel, int count, bool whole) {
  const ChannelVecs<kVecs> by = load_channels<kVecs>(g, channel, count, whole);
  Vec sum[kVecs];
  Vec product[kVecs];
  CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) sum[v] = product[v] = zero();
  for (int r = 0; r < g.rows; ++r) {
    CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) {
      const ptrdiff_t at = r * g.row + channel + v * kLanes;
      const Vec distance = sub(load_part(g.x + at, count, whole), by.mean[v]);
      const Vec dy = before_relu<kRelu>(g, distance, by.scale[v], by.shift[v], load_part(g.dy + at, count, whole));
      sum[v] = add(sum[v], dy);
      product[v] = fma(dy, distance, product[v]);
    }
  }
  CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) {
    store_part(g.sum + channel + v * kLanes, sum[v], count, whole);
    store_part(g.product + channel + v * kLanes, product[v], count, whole);
  }
}

template <Relu kRelu>
void gradient_sums_as(const ChannelGradient& g) {
  for_channels(
      g.channels, [&g]<int kVecs>(Channels<kVecs> c) __attribute__((always_inline)) {
        gradient_sums_run<kVecs, kRelu>(g, c.first, c.lanes, c.whole);
      });
}

void channel_gradient_sums(const ChannelGradient& g) {
  switch (relu_of(g)) {
    case Relu::kNone:
      return gradient_sums_as<Relu::kNone>(g);
    case Relu::kPlain:
      return gradient_sums_as<Relu::kPlain>(g);
    case Relu::kBounded:
      return gradient_sums_as<Relu::kBounded>(g);
  }
}

template <int kVecs, Relu kRelu>
CONVFORGE_INLINE void gradient_run(const ChannelGradient& g, float* dx, int channel, int count, bool whole) {
  const ChannelVecs<kVecs> by = load_channels<kVecs>(g, channel, count, whole);
  Vec sum[kVecs];
  Vec product[kVecs];
  CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) {
    sum[v] = load_part(g.sum + channel + v * kLanes, count, whole);
    product[v] = load_part(g.product + channel + v * kLanes, count, whole);
  }
  for (int r = 0; r < g.rows; ++r) {
    CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) {
      const ptrdiff_t at = r * g.row + channel + v * kLanes;
      const Vec distance = sub(load_part(g.x + at, count, whole), by.mean[v]);
      const Vec dy = before_relu<kRelu>(g, distance, by.scale[v], by.shift[v], load_part(g.dy + at, count, whole));
      store_part(dx + at, fma(by.scale[v], dy, fma(product[v], distance, sum[v])), count, whole);
    }
  }
}

template <Relu kRelu>
void gradient_as(const ChannelGradient& g, float* dx) {
  for_channels(
      g.channels, [&g, dx ]<int kVecs>(Channels<kVecs> c)
                      __attribute__((always_inline)) { gradient_run<kVecs, kRelu>(g, dx, c.first, c.lanes, c.whole); });
}

void channel_gradient(const ChannelGradient& g, float* dx) {
  switch (relu_of(g)) {
    case Relu::kNone:
      return gradient_as<Relu::kNone>(g, dx);
    case Relu::kPlain:
      return gradient_as<Relu::kPlain>(g, dx);
    case Relu::kBounded:
      return gradient_as<Relu::kBounded>(g, dx);
  }
}
