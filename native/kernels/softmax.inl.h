// Softmax over rows of n. Element j of a row goes to sum j % kSums, so that additions don't wait for each other. The
// sums are added in order. kSums doesn't depend on the lane count, so neither does the result.
constexpr int kSums = 16;

// term(j, count, whole, sum) must add elements [j, j + count) of n to a vector of sums.
template <typename Term>
CONVFORGE_INLINE float sum_of(int n, Term term) {
  constexpr int kVecs = kSums / kLanes;
  Vec sums[kVecs];
  CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) sums[v] = zero();
  int j = 0;
  for (; j + kSums <= n; j += kSums) {
    CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) sums[v] = term(j + v * kLanes, kLanes, true, sums[v]);
  }
  CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v, j += kLanes) {
    if (j + kLanes <= n) {
      sums[v] = term(j, kLanes, true, sums[v]);
    } else if (j < n) {
      sums[v] = term(j, n - j, false, sums[v]);
    }
  }
  float parts[kSums];
  CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) store(parts + v * kLanes, sums[v]);
  float sum = parts[0];
  for (int part = 1; part < kSums; ++part) sum += parts[part];
  return sum;
}

CONVFORGE_INLINE float row_maximum(const float* x, int n) {
  // NaN propagates: into the maximum, or into its own exponential.
  Vec best[4];
  CONVFORGE_UNROLL for (int v = 0; v < 4; ++v) best[v] = broadcast(x[0]);
  int j = 0;
  for (; j + 4 * kLanes <= n; j += 4 * kLanes) {
    CONVFORGE_UNROLL for (int v = 0; v < 4; ++v) best[v] = max(load(x + j + v * kLanes), best[v]);
  }
  for (; j + kLanes <= n; j += kLanes) best[0] = max(load(x + j), best[0]);
  float lanes[kLanes];
  store(lanes, max(max(best[0], best[1]), max(best[2], best[3])));
  float maximum = lanes[0];
  for (int lane = 1; lane < kLanes; ++lane) maximum = lanes[lane] > maximum ? lanes[lane] : maximum;
  for (; j < n; ++j) maximum = x[j] > maximum ? x[j] : maximum;
  return maximum;
}

// y = exp(x - maximum); returns the sum.
CONVFORGE_INLINE float row_exponentials(const float* x, float maximum, float* y, int n) {
  const Vec shift = broadcast(maximum);
  return sum_of(
      n, [=](int j, int count, bool whole, Vec sum) __attribute__((always_inline)) {
        const Vec value = exp_to_88(sub(load_part(x + j, count, whole), shift));
        store_part(y + j, value, count, whole);
        return add(sum, whole ? value : load_n(y + j, count));
      });
}

void softmax(const float* x, float* y, int rows, int n) {
  for (int r = 0; r < rows; ++r, x += n, y += n) {
    const float sum = row_exponentials(x, row_maximum(x, n), y, n);
    scale(y, y, static_cast<size_t>(n), 1.0f / sum);
  }
}

// dx = y * (dy - sum_j dy_j y_j).
void softmax_backward(const float* y, const float* dy, float* dx, int rows, int n) {
  for (int r = 0; r < rows; ++r, y += n, dy += n, dx += n) {
    const float dot = sum_of(
        n, [=](int j, int count, bool whole, Vec sum) __attribute__((always_inline)) {
          return fma(load_part(dy + j, count, whole), load_part(y + j, count, whole), sum);
        });
    const Vec dot_v = broadcast(dot);
    for_vectors(
        static_cast<size_t>(n), [=](size_t j, int count, bool whole) __attribute__((always_inline)) {
          const Vec difference = sub(load_part(dy + j, count, whole), dot_v);
          store_part(dx + j, mul(load_part(y + j, count, whole), difference), count, whole);
        });
  }
}

// y = x - maximum - log(sum of exp(x - maximum)).
void log_softmax(const float* x, float* y, int rows, int n) {
  for (int r = 0; r < rows; ++r, x += n, y += n) {
    const float maximum = row_maximum(x, n);
    float sum[kLanes] = {row_exponentials(x, maximum, y, n)};
    store(sum, log(broadcast(sum[0])));
    const Vec log_sum = broadcast(sum[0]);
    const Vec shift = broadcast(maximum);
    for_vectors(
        static_cast<size_t>(n), [=](size_t j, int count, bool whole) __attribute__((always_inline)) {
          store_part(y + j, sub(sub(load_part(x + j, count, whole), shift), log_sum), count, whole);
        });
  }
}

// dx = dy - exp(y) * sum_j dy_j.
void log_softmax_backward(const float* y, const float* dy, float* dx, int rows, int n) {
  for (int r = 0; r < rows; ++r, y += n, dy += n, dx += n) {
    float sum = 0.0f;
    for (int j = 0; j < n; ++j) sum += dy[j];
    const Vec sum_v = broadcast(-sum);
    for_vectors(
        static_cast<size_t>(n), [=](size_t j, int count, bool whole) __attribute__((always_inline)) {
          store_part(dx + j, fma(exp_to_88(load_part(y + j, count, whole)), sum_v, load_part(dy + j, count, whole)),
                     count, whole);
        });
  }
}
