// What is counted for a metric over samples: MetricDescription in lib/program/description.ts.
#pragma once

#include <memory>
#include <string>

#include "plan/description.h"

namespace convforge {

// A sample's outputs against its targets: exactly one of `labels` (a class a row) and `targets` is set.
struct SampleScores {
  const float* p = nullptr;
  const int32_t* labels = nullptr;
  const float* targets = nullptr;
  float* scratch = nullptr;
};

// The rows of n that a sample's outputs are.
struct Rows {
  size_t rows = 1;
  size_t n = 1;

  size_t elements() const { return rows * n; }
};

class Metric {
 public:
  // `counts`: how many sums there are.
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

// `classes`: whether targets are classes. Throws Error, citing `layer`, for what doesn't fit.
std::unique_ptr<Metric> make_metric(const MetricDescription& description, Rows rows, bool classes,
                                    const std::string& layer);

// Accuracies, in accuracies.cpp.
std::unique_ptr<Metric> binary_accuracy(Rows rows, float threshold);
std::unique_ptr<Metric> categorical_accuracy(Rows rows);
std::unique_ptr<Metric> top_k_accuracy(Rows rows, int k);
// Of thresholds, in counts.cpp; a null threshold stands for the row's largest value.
std::unique_ptr<Metric> class_counts(Rows rows, std::optional<float> threshold);
std::unique_ptr<Metric> score_counts(Rows rows, int thresholds);

}  // namespace convforge
