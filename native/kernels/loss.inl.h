// Losses and their gradients, row by row. Contract: CrossEntropy in kernels/types/loss.h. Sums run in element order.

CONVFORGE_INLINE float log_scalar(float x) {
  float y[kLanes];
  store(y, log(broadcast(x)));
  return y[0];
}

CONVFORGE_INLINE float smoothed(float target, const LossParameters& parameters) {
  return fused(target, parameters.target_scale, parameters.target_shift);
}

// The target of element j of a row: given, or one-hot for a label. Smoothed in both cases.
CONVFORGE_INLINE float target_of(const CrossEntropy& c, int row, int j) {
  const float target =
      c.targets ? c.targets[static_cast<ptrdiff_t>(row) * c.n + j] : (c.labels[row] == j ? 1.0f : 0.0f);
  return smoothed(target, c.parameters);
}

// On logits: loss = log(sum_j exp(x_j)) - x_label, gradient = softmax(x) - target.
void softmax_cross_entropy(const CrossEntropy& c) {
  const int n = c.n;
  for (int r = 0; r < c.rows; ++r) {
    const float* x = c.x + static_cast<ptrdiff_t>(r) * n;
    float* p = c.probabilities + static_cast<ptrdiff_t>(r) * n;
    const float maximum = row_maximum(x, n);
    const float sum = row_exponentials(x, maximum, p, n);
    const float log_sum = log_scalar(sum) + maximum;
    scale(p, p, static_cast<size_t>(n), 1.0f / sum);
    float* dx = c.dx ? c.dx + static_cast<ptrdiff_t>(r) * n : nullptr;
    if (c.labels && c.parameters.target_shift == 0.0f) {
      const int label = c.labels[r];
      c.row_loss[r] = log_sum - x[label];
      if (!dx) continue;
      for (int j = 0; j < n; ++j) dx[j] = c.grad_scale * (p[j] - (j == label ? 1.0f : 0.0f));
      continue;
    }
    float loss = log_sum - log_sum;  // 0; NaN where a logit is
    float weight = 0.0f;             // 1 if the targets are a distribution
    for (int j = 0; j < n; ++j) {
      const float target = target_of(c, r, j);
      // A target of 0 adds nothing, even where the logit is minus infinity.
      if (target != 0.0f) loss = fused(target, log_sum - x[j], loss);
      weight += target;
    }
    c.row_loss[r] = loss;
    if (!dx) continue;
    for (int j = 0; j < n; ++j) dx[j] = c.grad_scale * (p[j] * weight - target_of(c, r, j));
  }
}

// On probabilities, divided by their sum and then clipped to [1e-7, 1 - 1e-7] as in Keras: loss = -sum_j t_j log p_j.
void probability_cross_entropy(const CrossEntropy& c) {
  const int n = c.n;
  constexpr float kLow = 1e-7f;
  constexpr float kHigh = 1.0f - 1e-7f;
  for (int r = 0; r < c.rows; ++r) {
    const float* x = c.x + static_cast<ptrdiff_t>(r) * n;
    float* dx = c.dx ? c.dx + static_cast<ptrdiff_t>(r) * n : nullptr;
    float sum = 0.0f;
    for (int j = 0; j < n; ++j) sum += x[j];
    const float inverse = 1.0f / sum;
    float loss = sum - sum;  // 0; NaN if a probability isn't finite
    float weight = 0.0f;     // sum of the targets whose probability isn't clipped
    for (int j = 0; j < n; ++j) {
      const float target = target_of(c, r, j);
      const float q = x[j] * inverse;
      const bool low = q < kLow;
      const bool high = q > kHigh;
      const float clipped = low ? kLow : (high ? kHigh : q);
      if (target != 0.0f) loss = fused(-target, log_scalar(clipped), loss);
      const float inside = low || high ? 0.0f : target;
      weight += inside;
      // d loss / dx_j = weight / sum - t_j / x_j. This is the second term.
      if (dx) dx[j] = inside == 0.0f ? 0.0f : -inside / x[j];
    }
    c.row_loss[r] = loss;
    if (!dx) continue;
    for (int j = 0; j < n; ++j) dx[j] = c.grad_scale * fused(weight, inverse, dx[j]);
  }
}

// m^g for m >= 0 and g > 0.
CONVFORGE_INLINE float power_scalar(float m, float g) {
  float y[kLanes];
  store(y, exp_to_88(mul(broadcast(g), log(broadcast(m)))));
  return y[0];
}

// On probabilities, normalized and clipped as above: loss = -sum_j alpha (1 - p_j)^gamma t_j log p_j.
void focal_cross_entropy(const CrossEntropy& c) {
  const int n = c.n;
  constexpr float kLow = 1e-7f;
  constexpr float kHigh = 1.0f - 1e-7f;
  const float gamma = c.parameters.gamma;
  for (int r = 0; r < c.rows; ++r) {
    const float* x = c.x + static_cast<ptrdiff_t>(r) * n;
    const float* t = c.targets + static_cast<ptrdiff_t>(r) * n;
    float* dx = c.dx ? c.dx + static_cast<ptrdiff_t>(r) * n : nullptr;
    float sum = 0.0f;
    for (int j = 0; j < n; ++j) sum += x[j];
    const float inverse = 1.0f / sum;
    float loss = sum - sum;  // 0; NaN if a probability isn't finite
    float dot = 0.0f;        // dot product of p and the gradient by p
    for (int j = 0; j < n; ++j) {
      if (dx) dx[j] = 0.0f;
      const float target = c.parameters.alpha * smoothed(t[j], c.parameters);
      if (target == 0.0f) continue;
      const float q = x[j] * inverse;
      const bool clips = q < kLow || q > kHigh;
      const float p = q < kLow ? kLow : (q > kHigh ? kHigh : q);
      const float rest = 1.0f - p;
      const float factor = power_scalar(rest, gamma);
      const float logarithm = log_scalar(p);
      loss = fused(-target * factor, logarithm, loss);
      if (!dx || clips) continue;
      dx[j] = target * factor * fused(gamma / rest, logarithm, -1.0f / p);
      dot = fused(dx[j], q, dot);
    }
    c.row_loss[r] = loss;
    if (!dx) continue;
    for (int j = 0; j < n; ++j) dx[j] = c.grad_scale * inverse * (dx[j] - dot);
  }
}
