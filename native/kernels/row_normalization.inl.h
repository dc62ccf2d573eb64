// Statistics and gradients of normalizations over rows. A row's sums have kRowParts parts on every instruction set:
// element i goes to part i % kRowParts, and the parts are added by halves. Contracts: RowNormalize and RowGradient in
// kernels/types/normalization.h.

constexpr int kRowParts = 32;
constexpr int kRowVecs = kRowParts / kLanes;

struct RowSum {
  Vec parts[kRowVecs];
};

CONVFORGE_INLINE RowSum zero_row_sum() {
  RowSum sum;
  CONVFORGE_UNROLL for (int v = 0; v < kRowVecs; ++v) sum.parts[v] = zero();
  return sum;
}

CONVFORGE_INLINE float total(const RowSum& sum) { return reduce_sum(sum.parts); }

// The last n % kRowParts values of a row, padded with `fill`.
struct RowTail {
  CONVFORGE_INLINE RowTail(const float* row, int n, float fill) {
    const int count = n % kRowParts;
    for (int i = 0; i < kRowParts; ++i) values[i] = i < count ? row[n - count + i] : fill;
  }
  float values[kRowParts];
};

// The mean of n values (up to some thousands), and the sum of the squared distances from it. Distances are taken from
// the rounded mean; their sum gives its error (see moments_run).
void row_moments(const float* x, int n, float* mean, float* squares) {
  const int whole = n - n % kRowParts;
  const float share = 1.0f / static_cast<float>(n);
  RowSum sum = zero_row_sum();
  const auto add_up = [&sum](const float* p) __attribute__((always_inline)) {
    CONVFORGE_UNROLL for (int v = 0; v < kRowVecs; ++v) sum.parts[v] = add(sum.parts[v], load(p + v * kLanes));
  };
  for (int i = 0; i < whole; i += kRowParts) add_up(x + i);
  if (whole < n) add_up(RowTail(x, n, 0.0f).values);
  const float centre = total(sum) * share;
  const Vec centre_v = broadcast(centre);
  RowSum distances = zero_row_sum();
  RowSum square_sum = zero_row_sum();
  const auto add_squares = [&](const float* p) __attribute__((always_inline)) {
    CONVFORGE_UNROLL for (int v = 0; v < kRowVecs; ++v) {
      const Vec distance = sub(load(p + v * kLanes), centre_v);
      distances.parts[v] = add(distances.parts[v], distance);
      square_sum.parts[v] = fma(distance, distance, square_sum.parts[v]);
    }
  };
  for (int i = 0; i < whole; i += kRowParts) add_squares(x + i);
  if (whole < n) add_squares(RowTail(x, n, centre).values);
  const float distance = total(distances);
  const float off = distance * share;
  const float about_mean = total(square_sum) - off * distance;
  *mean = centre + off;
  *squares = about_mean < 0.0f ? 0.0f : about_mean;
}

void row_normalize(const RowNormalize& r, float* y) {
  const Vec mean = broadcast(r.mean);
  const Vec inverse = broadcast(r.inverse);
  for_vectors(
      static_cast<size_t>(r.n), [&](size_t i, int count, bool whole) __attribute__((always_inline)) {
        const Vec normalized = mul(sub(load_part(r.x + i, count, whole), mean), inverse);
        store_part(y + i, fma(normalized, load_part(r.gamma + i, count, whole), load_part(r.beta + i, count, whole)),
                   count, whole);
      });
}

void row_gradient_sums(const RowGradient& r, float* sum, float* product) {
  const int whole = r.n - r.n % kRowParts;
  const Vec mean = broadcast(r.mean);
  RowSum sums = zero_row_sum();
  RowSum products = zero_row_sum();
  const auto add_up = [&](const float* x, const float* dy, const float* gamma) __attribute__((always_inline)) {
    CONVFORGE_UNROLL for (int v = 0; v < kRowVecs; ++v) {
      const Vec g = mul(load(dy + v * kLanes), load(gamma + v * kLanes));
      sums.parts[v] = add(sums.parts[v], g);
      products.parts[v] = fma(g, sub(load(x + v * kLanes), mean), products.parts[v]);
    }
  };
  for (int i = 0; i < whole; i += kRowParts) add_up(r.x + i, r.dy + i, r.gamma + i);
  if (whole < r.n) {
    const RowTail x(r.x, r.n, r.mean);
    const RowTail dy(r.dy, r.n, 0.0f);
    const RowTail gamma(r.gamma, r.n, 0.0f);
    add_up(x.values, dy.values, gamma.values);
  }
  *sum = total(sums);
  *product = total(products);
}

void row_parameter_sums(const RowGradient& r, float* gamma_sum, float* beta_sum) {
  const Vec mean = broadcast(r.mean);
  const Vec inverse = broadcast(r.inverse);
  for_vectors(
      static_cast<size_t>(r.n), [&](size_t i, int count, bool whole) __attribute__((always_inline)) {
        const Vec dy = load_part(r.dy + i, count, whole);
        const Vec normalized = mul(sub(load_part(r.x + i, count, whole), mean), inverse);
        store_part(gamma_sum + i, fma(dy, normalized, load_part(gamma_sum + i, count, whole)), count, whole);
        store_part(beta_sum + i, add(dy, load_part(beta_sum + i, count, whole)), count, whole);
      });
}

void row_gradient(const RowGradient& r, float sum_part, float product_part, float* dx) {
  const Vec mean = broadcast(r.mean);
  const Vec inverse = broadcast(r.inverse);
  const Vec sum = broadcast(sum_part);
  const Vec product = broadcast(product_part);
  for_vectors(
      static_cast<size_t>(r.n), [&](size_t i, int count, bool whole) __attribute__((always_inline)) {
        const Vec g = mul(load_part(r.dy + i, count, whole), load_part(r.gamma + i, count, whole));
        const Vec distance = sub(load_part(r.x + i, count, whole), mean);
        store_part(dx + i, fma(inverse, g, fma(product, distance, sum)), count, whole);
      });
}
