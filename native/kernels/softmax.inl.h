// Softmax over rows of n. Maximum and sum run in element order, so that the lane count doesn't show in the result.

CONVFORGE_INLINE float row_maximum(const float* x, int n) {
  float maximum = x[0];
  // A NaN anywhere ends up in the result: in the maximum, or in its own exponential.
  for (int j = 1; j < n; ++j) maximum = x[j] > maximum ? x[j] : maximum;
  return maximum;
}

// y = exp(x - maximum); returns the sum.
CONVFORGE_INLINE float row_exponentials(const float* x, float maximum, float* y, int n) {
  const Vec shift = broadcast(maximum);
  for_vectors(
      static_cast<size_t>(n), [=](size_t j, int count, bool whole) __attribute__((always_inline)) {
        store_part(y + j, exp(sub(load_part(x + j, count, whole), shift)), count, whole);
      });
  float sum = 0.0f;
  for (int j = 0; j < n; ++j) sum += y[j];
  return sum;
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
    float dot = 0.0f;
    for (int j = 0; j < n; ++j) dot = __builtin_fmaf(dy[j], y[j], dot);
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
          store_part(dx + j, fma(exp(load_part(y + j, count, whole)), sum_v, load_part(dy + j, count, whole)), count,
                     whole);
        });
  }
}
