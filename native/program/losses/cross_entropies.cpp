#include <algorithm>

#include "program/losses/sample_loss.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

// The mean of what `kernel` gives for each row.
template <typename Kernel>
double mean_of_rows(const SampleLossCall& call, const float* x, float* probabilities, Kernel kernel) {
  constexpr size_t kBlock = 64;
  float row_loss[kBlock];
  CrossEntropy c;
  c.n = static_cast<int>(call.n);
  c.numbers = call.numbers;
  c.row_loss = row_loss;
  c.grad_scale = call.grad_scale / static_cast<float>(call.rows);
  double sum = 0;
  for (size_t first = 0; first < call.rows; first += kBlock) {
    const size_t offset = first * call.n;
    c.rows = static_cast<int>(std::min(kBlock, call.rows - first));
    c.x = x + offset;
    c.labels = call.labels ? call.labels + first : nullptr;
    c.targets = call.targets ? call.targets + offset : nullptr;
    c.probabilities = probabilities ? probabilities + offset : nullptr;
    c.dx = call.dx ? call.dx + offset : nullptr;
    kernel(c);
    for (int row = 0; row < c.rows; ++row) sum += row_loss[row];
  }
  return sum / static_cast<double>(call.rows);
}

}  // namespace

double cross_entropy(const SampleLossCall& call) {
  const KernelTable& k = kernels();
  if (call.logits) return mean_of_rows(call, call.x, call.probabilities, k.softmax_cross_entropy);
  return mean_of_rows(call, call.x, nullptr, k.probability_cross_entropy);
}

double focal_cross_entropy(const SampleLossCall& call) {
  const KernelTable& k = kernels();
  if (!call.logits) return mean_of_rows(call, call.x, nullptr, k.focal_cross_entropy);
  const int rows = static_cast<int>(call.rows);
  const int n = static_cast<int>(call.n);
  k.softmax(call.x, call.probabilities, rows, n);
  const double loss = mean_of_rows(call, call.probabilities, nullptr, k.focal_cross_entropy);
  if (call.dx) k.softmax_backward(call.probabilities, call.dx, call.dx, rows, n);
  return loss;
}

}  // namespace convforge
