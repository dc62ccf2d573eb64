#include <algorithm>

#include "program/metrics/metric.h"

namespace convforge {
namespace {

size_t argmax(const float* x, size_t n) { return static_cast<size_t>(std::max_element(x, x + n) - x); }

// The true class of a row. It may be n or more if the label is a class that the loss ignores.
size_t truth(const SampleScores& sample, size_t row, size_t n) {
  return sample.labels ? static_cast<size_t>(sample.labels[row]) : argmax(sample.targets + row * n, n);
}

// Whether `index` is the argmax (the first one) of n values. If one of them is NaN, there is none.
bool is_argmax(const float* x, size_t n, size_t index) {
  if (index >= n) return false;
  for (size_t j = 0; j < n; ++j) {
    if (!(j < index ? x[j] < x[index] : x[j] <= x[index])) return false;
  }
  return true;
}

// Accuracies count the right predictions and all predictions. A NaN is never right.
class BinaryAccuracy : public Metric {
 public:
  BinaryAccuracy(Rows rows, float threshold) : Metric(rows, 2), threshold_(threshold) {}

  void count(const SampleScores& sample, double* sums) const override {
    size_t right = 0;
    for (size_t e = 0; e < rows_.elements(); ++e) {
      const float p = sample.p[e];
      right += p == p && (p > threshold_) == (sample.targets[e] > 0.5f);
    }
    sums[0] += static_cast<double>(right);
    sums[1] += static_cast<double>(rows_.elements());
  }

 private:
  float threshold_;
};

class CategoricalAccuracy : public Metric {
 public:
  explicit CategoricalAccuracy(Rows rows) : Metric(rows, 2) {}

  void count(const SampleScores& sample, double* sums) const override {
    const size_t n = rows_.n;
    for (size_t row = 0; row < rows_.rows; ++row)
      sums[0] += is_argmax(sample.p + row * n, n, truth(sample, row, n)) ? 1 : 0;
    sums[1] += static_cast<double>(rows_.rows);
  }
};

class TopKAccuracy : public Metric {
 public:
  TopKAccuracy(Rows rows, int k) : Metric(rows, 2), k_(k) {}

  void count(const SampleScores& sample, double* sums) const override {
    const size_t n = rows_.n;
    for (size_t row = 0; row < rows_.rows; ++row) {
      const float* p = sample.p + row * n;
      const size_t right = truth(sample, row, n);
      if (right >= n) continue;
      const float of_truth = p[right];
      int above = 0;
      // "Not less or equal" rather than "greater", so that NaN is never in the top k.
      for (size_t j = 0; j < n; ++j) above += p[j] <= of_truth ? 0 : 1;
      sums[0] += above < k_ ? 1 : 0;
    }
    sums[1] += static_cast<double>(rows_.rows);
  }

 private:
  int k_;
};

}  // namespace

std::unique_ptr<Metric> binary_accuracy(Rows rows, float threshold) {
  return std::make_unique<BinaryAccuracy>(rows, threshold);
}
std::unique_ptr<Metric> categorical_accuracy(Rows rows) { return std::make_unique<CategoricalAccuracy>(rows); }
std::unique_ptr<Metric> top_k_accuracy(Rows rows, int k) { return std::make_unique<TopKAccuracy>(rows, k); }

}  // namespace convforge
