// The sums that a metric needs, over samples: MetricDescription in lib/program/description.ts.
#pragma once

#include <memory>
#include <string>

#include "plan/description.h"

namespace convforge {

// A sample's outputs p and its targets. Exactly one of `labels` (one class per row) and `targets` is set.
struct SampleScores {
  const float* p = nullptr;
  const int32_t* labels = nullptr;
  const float* targets = nullptr;
  float* scratch = nullptr;
};

// The shape of a sample's outputs: rows of n.
struct Rows {
  size_t rows = 1;
  size_t n = 1;

  size_t elements() const { return rows * n; }
};

class Metric {
 public:
  // `counts`: the number of sums.
  explicit Metric(Rows rows, size_t counts) : rows_(rows), counts_(counts) {}
  virtual ~Metric() = default;
  Metric(const Metric&) = delete;
  Metric& operator=(const Metric&) = delete;

  size_t counts() const { return counts_; }
  virtual size_t scratch_floats() const { return 0; }
  // Adds a sample to the sums.
  virtual void count(const SampleScores& sample, double* sums) const = 0;

 protected:
  Rows rows_;

 private:
  size_t counts_;
};

// `classes`: whether the targets are classes. Throws Error, citing `layer`, if the description doesn't fit.
std::unique_ptr<Metric> make_metric(const MetricDescription& description, Rows rows, bool classes,
                                    const std::string& layer);

// Accuracies, in accuracies.cpp.
std::unique_ptr<Metric> binary_accuracy(Rows rows, float threshold);
std::unique_ptr<Metric> categorical_accuracy(Rows rows);
std::unique_ptr<Metric> top_k_accuracy(Rows rows, int k);
// Counts by class or by range of scores, in counts.cpp. Without a threshold, the row's largest value is predicted.
std::unique_ptr<Metric> class_counts(Rows rows, std::optional<float> threshold);
std::unique_ptr<Metric> score_counts(Rows rows, int thresholds);

}  // namespace convforge
