#include <algorithm>
#include <cmath>

#include "program/metrics/metric.h"

namespace convforge {
namespace {

bool is_true(const SampleScores& sample, size_t row, size_t j, size_t n) {
  return sample.labels ? static_cast<size_t>(sample.labels[row]) == j : sample.targets[row * n + j] > 0.5f;
}

// The maximum of n values; NaN if one of them is NaN.
float maximum(const float* x, size_t n) {
  float largest = x[0];
  for (size_t j = 1; j < n; ++j) {
    if (x[j] > largest || x[j] != x[j]) largest = x[j];
  }
  return largest;
}

// Counts by class: true positives, false positives, false negatives.
class ClassCounts : public Metric {
 public:
  ClassCounts(Rows rows, std::optional<float> threshold) : Metric(rows, 3 * rows.n), threshold_(threshold) {}

  void count(const SampleScores& sample, double* sums) const override {
    const size_t n = rows_.n;
    for (size_t row = 0; row < rows_.rows; ++row) {
      const float* p = sample.p + row * n;
      const float largest = threshold_ ? 0 : maximum(p, n);
      for (size_t j = 0; j < n; ++j) {
        const bool predicted = threshold_ ? p[j] > *threshold_ : p[j] >= largest;
        const bool truth = is_true(sample, row, j, n);
        sums[3 * j] += predicted && truth ? 1 : 0;
        sums[3 * j + 1] += predicted && !truth ? 1 : 0;
        sums[3 * j + 2] += !predicted && truth ? 1 : 0;
      }
    }
  }

 private:
  std::optional<float> threshold_;
};

// Counts by range of scores between adjacent thresholds: true elements, false elements.
class ScoreCounts : public Metric {
 public:
  ScoreCounts(Rows rows, int thresholds)
      : Metric(rows, 2 * (static_cast<size_t>(thresholds) - 1)), ranges_(static_cast<double>(thresholds) - 1) {}

  void count(const SampleScores& sample, double* sums) const override {
    for (size_t row = 0; row < rows_.rows; ++row) {
      for (size_t j = 0; j < rows_.n; ++j) {
        const double position = std::ceil(static_cast<double>(sample.p[row * rows_.n + j]) * ranges_) - 1;
        // NaN counts as 0.
        const size_t range = position > 0 ? static_cast<size_t>(std::min(position, ranges_ - 1)) : 0;
        sums[2 * range + (is_true(sample, row, j, rows_.n) ? 0 : 1)] += 1;
      }
    }
  }

 private:
  double ranges_;
};

}  // namespace

std::unique_ptr<Metric> class_counts(Rows rows, std::optional<float> threshold) {
  return std::make_unique<ClassCounts>(rows, threshold);
}
std::unique_ptr<Metric> score_counts(Rows rows, int thresholds) {
  return std::make_unique<ScoreCounts>(rows, thresholds);
}

}  // namespace convforge
