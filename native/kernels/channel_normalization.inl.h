// Statistics and gradients of normalizations over [rows][channels]. Lanes hold channels, and each channel is summed
// over the rows in order. Memory is read in its order, a few rows at a time, so that it is prefetched. Contracts:
// ChannelMoments, ChannelNormalize and ChannelGradient in kernels/types/normalization.h.

// The number of rows whose mean is the shift.
constexpr int kFirstRows = 64;

// Channels whose sums stay in the L1 cache.
constexpr int kSummedChannels = 256;

// A vector of channels of kRows rows: `lanes` channels from `channel` on, of the rows from `row` on.
template <int kRows>
struct RowsPart {
  int row;
  int channel;
  int lanes;

  CONVFORGE_INLINE Vec load(const float* x) const { return load_part(x, lanes, lanes == kLanes); }
  CONVFORGE_INLINE void store(float* y, Vec value) const { store_part(y, value, lanes, lanes == kLanes); }
};

template <int kRows, typename Body>
CONVFORGE_INLINE void for_row_channels(int row, int channels, Body body) {
  int c = 0;
  for (; c + kLanes <= channels; c += kLanes) body(RowsPart<kRows>{row, c, kLanes});
  if (c < channels) body(RowsPart<kRows>{row, c, channels - c});
}

// Calls `body` for all channels of a few rows, then for those of the next rows.
template <typename Body>
CONVFORGE_INLINE void for_rows(int rows, int channels, Body body) {
  constexpr int kRows = 4;
  int r = 0;
  for (; r + kRows <= rows; r += kRows) for_row_channels<kRows>(r, channels, body);
  for (; r < rows; ++r) for_row_channels<1>(r, channels, body);
}

// Sums of some channels, padded to whole vectors.
struct ChannelSums {
  alignas(64) float of[kSummedChannels + kLanes] = {};
};

// The shifted-data algorithm: distances from the mean of the first rows are summed in one pass over all rows, then
// corrected by the distance between the two means. The first rows are a part of all, so that distance is small and the
// correction cancels little, however large the mean is. (Chan, Golub, LeVeque: Algorithms for Computing the Sample
// Variance, 1983)
void moments_block(const ChannelMoments& m, int first, int channels) {
  const float* x = m.x + first;
  const int first_rows = m.rows < kFirstRows ? m.rows : kFirstRows;
  ChannelSums centre;
  ChannelSums sum;
  ChannelSums squares;
  for_rows(
      first_rows, channels, [&]<int kRows>(RowsPart<kRows> p) __attribute__((always_inline)) {
        Vec total = load(centre.of + p.channel);
        CONVFORGE_UNROLL for (int r = 0; r < kRows; ++r) {
          total = add(total, p.load(x + (p.row + r) * m.row + p.channel));
        }
        store(centre.of + p.channel, total);
      });
  const Vec first_share = broadcast(1.0f / static_cast<float>(first_rows));
  for (int c = 0; c < channels; c += kLanes) store(centre.of + c, mul(load(centre.of + c), first_share));
  for_rows(
      m.rows, channels, [&]<int kRows>(RowsPart<kRows> p) __attribute__((always_inline)) {
        const Vec from = load(centre.of + p.channel);
        Vec total = load(sum.of + p.channel);
        Vec square = load(squares.of + p.channel);
        CONVFORGE_UNROLL for (int r = 0; r < kRows; ++r) {
          const Vec distance = sub(p.load(x + (p.row + r) * m.row + p.channel), from);
          total = add(total, distance);
          square = fma(distance, distance, square);
        }
        store(sum.of + p.channel, total);
        store(squares.of + p.channel, square);
      });
  const Vec share = broadcast(1.0f / static_cast<float>(m.rows));
  for_row_channels<1>(
      0, channels, [&](RowsPart<1> p) __attribute__((always_inline)) {
        const Vec total = load(sum.of + p.channel);
        const Vec off = mul(total, share);
        p.store(m.mean + first + p.channel, add(load(centre.of + p.channel), off));
        p.store(m.squares + first + p.channel, max(zero(), sub(load(squares.of + p.channel), mul(off, total))));
      });
}

void channel_moments(const ChannelMoments& m) {
  for (int c = 0; c < m.channels; c += kSummedChannels) {
    moments_block(m, c, m.channels - c < kSummedChannels ? m.channels - c : kSummedChannels);
  }
}

template <bool kRelu, bool kStream>
void normalize_as(const ChannelNormalize& n, float* y) {
  const Vec maximum = broadcast(n.maximum);
  for_rows(
      n.rows, n.channels, [&]<int kRows>(RowsPart<kRows> p) __attribute__((always_inline)) {
        const Vec mean = p.load(n.mean + p.channel);
        const Vec scale = p.load(n.scale + p.channel);
        const Vec shift = p.load(n.shift + p.channel);
        CONVFORGE_UNROLL for (int r = 0; r < kRows; ++r) {
          const ptrdiff_t at = (p.row + r) * n.row + p.channel;
          Vec value = fma(sub(p.load(n.x + at), mean), scale, shift);
          if constexpr (kRelu) value = min(maximum, max(zero(), value));
          if constexpr (kStream) {
            stream(y + at, value);
          } else {
            p.store(y + at, value);
          }
        }
      });
}

void channel_normalize(const ChannelNormalize& n, float* y) {
  using Normalize = void (*)(const ChannelNormalize&, float*);
  static constexpr Normalize kNormalize[2][2] = {{normalize_as<false, false>, normalize_as<false, true>},
                                                 {normalize_as<true, false>, normalize_as<true, true>}};
  kNormalize[n.relu][n.stream](n, y);
  if (n.stream) stream_fence();
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

template <Relu kRelu>
void gradient_sums_as(const ChannelGradient& g) {
  for_row_channels<1>(
      0, g.channels, [&](RowsPart<1> p) __attribute__((always_inline)) {
        p.store(g.sum + p.channel, zero());
        p.store(g.product + p.channel, zero());
      });
  for_rows(
      g.rows, g.channels, [&]<int kRows>(RowsPart<kRows> p) __attribute__((always_inline)) {
        const Vec mean = p.load(g.mean + p.channel);
        const Vec scale = p.load(g.scale + p.channel);
        const Vec shift = p.load(g.shift + p.channel);
        Vec sum = p.load(g.sum + p.channel);
        Vec product = p.load(g.product + p.channel);
        CONVFORGE_UNROLL for (int r = 0; r < kRows; ++r) {
          const ptrdiff_t at = (p.row + r) * g.row + p.channel;
          const Vec distance = sub(p.load(g.x + at), mean);
          const Vec dy = before_relu<kRelu>(g, distance, scale, shift, p.load(g.dy + at));
          sum = add(sum, dy);
          product = fma(dy, distance, product);
        }
        p.store(g.sum + p.channel, sum);
        p.store(g.product + p.channel, product);
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

template <Relu kRelu, bool kStream>
void gradient_as(const ChannelGradient& g, float* dx) {
  for_rows(
      g.rows, g.channels, [&]<int kRows>(RowsPart<kRows> p) __attribute__((always_inline)) {
        const Vec mean = p.load(g.mean + p.channel);
        const Vec scale = p.load(g.scale + p.channel);
        const Vec shift = p.load(g.shift + p.channel);
        const Vec sum = p.load(g.sum + p.channel);
        const Vec product = p.load(g.product + p.channel);
        CONVFORGE_UNROLL for (int r = 0; r < kRows; ++r) {
          const ptrdiff_t at = (p.row + r) * g.row + p.channel;
          const Vec distance = sub(p.load(g.x + at), mean);
          const Vec dy = before_relu<kRelu>(g, distance, scale, shift, p.load(g.dy + at));
          const Vec value = fma(scale, dy, fma(product, distance, sum));
          if constexpr (kStream) {
            stream(dx + at, value);
          } else {
            p.store(dx + at, value);
          }
        }
      });
}

template <Relu kRelu>
void gradient_by_stores(const ChannelGradient& g, float* dx) {
  if (g.stream) {
    gradient_as<kRelu, true>(g, dx);
    stream_fence();
  } else {
    gradient_as<kRelu, false>(g, dx);
  }
}

void channel_gradient(const ChannelGradient& g, float* dx) {
  switch (relu_of(g)) {
    case Relu::kNone:
      return gradient_by_stores<Relu::kNone>(g, dx);
    case Relu::kPlain:
      return gradient_by_stores<Relu::kPlain>(g, dx);
    case Relu::kBounded:
      return gradient_by_stores<Relu::kBounded>(g, dx);
  }
}
