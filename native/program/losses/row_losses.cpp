#include <algorithm>
#include <cmath>

#include "program/losses/sample_loss.h"

namespace convforge {

double categorical_hinge(const SampleLossCall& call) {
  const float scale = call.grad_scale / static_cast<float>(call.rows);
  double sum = 0;
  for (size_t row = 0; row < call.rows; ++row) {
    const size_t first = row * call.n;
    const float* x = call.x + first;
    const float* t = call.targets + first;
    double right = 0;
    size_t wrong = 0;  // argmax of (1 - t) x
    float largest = -INFINITY;
    for (size_t j = 0; j < call.n; ++j) {
      // A factor of 0 adds nothing, even if x is infinite.
      if (t[j] != 0) right += static_cast<double>(t[j]) * x[j];
      const float other = t[j] == 1 ? 0.0f : (1 - t[j]) * x[j];
      if (!(other > largest) && !std::isnan(other)) continue;
      largest = other;
      wrong = j;
    }
    const double margin = static_cast<double>(largest) - right + 1;
    // Propagates NaN.
    sum += call.weight_of(row) * (margin < 0 ? 0 : margin);
    if (!call.dx) continue;
    float* dx = call.dx + first;
    for (size_t j = 0; j < call.n; ++j) dx[j] = margin > 0 ? -scale * t[j] : 0.0f;
    if (margin > 0) dx[wrong] += scale * (1 - t[wrong]);
    call.weigh_gradient(row);
  }
  return sum / static_cast<double>(call.rows);
}

namespace {

constexpr double kMinNorm = 1e-7;

double norm_of(const float* x, size_t n) {
  double sum = 0;
  for (size_t j = 0; j < n; ++j) sum += static_cast<double>(x[j]) * x[j];
  return std::sqrt(sum);
}

}  // namespace

double cosine_similarity(const SampleLossCall& call) {
  const float scale = call.grad_scale / static_cast<float>(call.rows);
  double sum = 0;
  for (size_t row = 0; row < call.rows; ++row) {
    const size_t first = row * call.n;
    const float* x = call.x + first;
    const float* t = call.targets + first;
    const double x_norm = norm_of(x, call.n);
    const double by = 1 / std::max(x_norm, kMinNorm);
    const double t_by = 1 / std::max(norm_of(t, call.n), kMinNorm);
    double cosine = 0;
    for (size_t j = 0; j < call.n; ++j) cosine += (x[j] * by) * (t[j] * t_by);
    sum -= call.weight_of(row) * cosine;
    if (!call.dx) continue;
    // Below the minimum norm, x is divided by a constant.
    const double along = x_norm < kMinNorm ? 0 : cosine * by;
    for (size_t j = 0; j < call.n; ++j)
      call.dx[first + j] = scale * static_cast<float>(by * (along * x[j] - t[j] * t_by));
    call.weigh_gradient(row);
  }
  return sum / static_cast<double>(call.rows);
}

}  // namespace convforge
