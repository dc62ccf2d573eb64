#include <algorithm>

#include "program/metrics/metric.h"

namespace convforge {
namespace {

size_t first_maximum(const float* x, size_t n) { return static_cast<size_t>(std::max_element(x, x + n) - x); }

// n or more where the label is a class that the loss ignores.
size_t truth(const SampleScores& sample, size_t row, size_t n) {
  return sample.labels ? static_cast<size_t>(sample.labels[row]) : first_maximum(sample.targets + row * n, n);
}

// Whether `place` is that of the first maximum of n numbers. None is where one of them is NaN.
bool is_first_maximum(const float* x, size_t n, size_t place) {
  if (place >= n) return false;
  for (size_t j = 0; j < n; ++j) {
    if (!(j < place ? x[j] < x[place] : x[j] <= x[place])) return false;
  }
  return true;
}

// All of them count those that are right, and all. A NaN is never right.
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
      sums[0] += is_first_maximum(sample.p + row * n, n, truth(sample, row, n)) ? 1 : 0;
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
      // Not "greater": a NaN is never among the first.
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
