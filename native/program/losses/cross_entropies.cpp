#include <algorithm>

#include "program/losses/sample_loss.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

// Whether a row is ignored. A label out of range is the class that another loss of the same targets ignores.
bool is_ignored(const SampleLossCall& call, size_t row) {
  const int32_t label = call.labels[row];
  return label < 0 || static_cast<size_t>(label) >= call.n || label == call.ignored;
}

// The mean over rows of the kernel's loss times the row's weight.
template <typename Kernel>
double mean_of_rows(const SampleLossCall& call, const float* x, float* probabilities, Kernel kernel) {
  constexpr size_t kBlock = 64;
  float row_loss[kBlock];
  int32_t labels[kBlock];
  CrossEntropy c;
  c.n = static_cast<int>(call.n);
  c.parameters = call.parameters;
  c.row_loss = row_loss;
  c.grad_scale = call.grad_scale / static_cast<float>(call.rows);
  double sum = 0;
  for (size_t first = 0; first < call.rows; first += kBlock) {
    const size_t offset = first * call.n;
    c.rows = static_cast<int>(std::min(kBlock, call.rows - first));
    c.x = x + offset;
    c.targets = call.targets ? call.targets + offset : nullptr;
    c.probabilities = probabilities ? probabilities + offset : nullptr;
    c.dx = call.dx ? call.dx + offset : nullptr;
    for (size_t row = 0; call.labels && row < static_cast<size_t>(c.rows); ++row)
      labels[row] = is_ignored(call, first + row) ? 0 : call.labels[first + row];
    c.labels = call.labels ? labels : nullptr;
    kernel(c);
    for (size_t row = 0; row < static_cast<size_t>(c.rows); ++row) {
      if (call.labels && is_ignored(call, first + row)) {
        if (c.dx) std::fill_n(c.dx + row * call.n, call.n, 0.0f);
        continue;
      }
      sum += static_cast<double>(call.weight_of(first + row)) * row_loss[row];
      call.weigh_gradient(first + row);
    }
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
