#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plan/description.h"
#include "plan/plan.h"
#include "plan/samples.h"
#include "program/losses/sample_loss.h"
#include "program/metrics/metric.h"

namespace convforge {

// The loss and the metrics of one output of a program. Meaning: LossDescription and MetricDescription in
// lib/program/description.ts.
class Loss {
 public:
  // The loss's index among a step's targets, and that of its first metric in the totals.
  struct Indices {
    size_t output = 0;
    size_t first_metric = 0;
  };

  // `output` is the shape of the value, `layer` the name of its node. Throws Error if the description doesn't fit.
  Loss(const OutputTraining& training, const Shape& output, const std::string& layer, Indices indices);

  // The activation that the loss computes itself if it is given logits.
  LogitsOf logits_of() const { return kind_.logits_of; }
  size_t metrics() const { return metrics_.size(); }
  // Appends zero totals for this loss.
  void add_empty(Totals* totals) const;

  // Throws Error SHAPE_MISMATCH or INVALID_ARGUMENT unless the targets fit the loss and metrics, and INVALID_LABEL for
  // a class out of range. Checks the samples that `order` lists, or all if it is null.
  void check_targets(const Samples& y, const std::vector<uint32_t>* order) const;
  // Throws Error SHAPE_MISMATCH unless there is one weight for each of `samples`, or for each of their rows.
  void check_weights(const Samples& weights, size_t samples) const;

  // Adds the stages that compute the loss of `value`, its metrics and (unless kNoBuffer) its gradient, and add to
  // Step::totals. If `activated` is given, `value` holds logits, and the loss writes their activation to `activated`.
  void plan(Plan& plan, BufferId value, BufferId activated, BufferId gradient) const;

 private:
  struct Buffers {
    BufferId value = kNoBuffer;
    BufferId output = kNoBuffer;  // the values that metrics see
    BufferId probabilities = kNoBuffer;
    BufferId gradient = kNoBuffer;
    BufferId sample_loss = kNoBuffer;  // doubles, by sample
    BufferId counts = kNoBuffer;       // doubles: sums of all metrics, by task
    BufferId counted = kNoBuffer;      // doubles, by sample: rows that aren't ignored; kNoBuffer: all
    BufferId scale = kNoBuffer;        // a double: factor of the batch's mean over all rows
    bool logits = false;
  };

  // The weight of a whole sample; 1 if its rows have weights.
  float sample_weight(const Step& s, size_t sample) const;
  const float* row_weights(const Step& s, size_t sample) const;
  void plan_scale(Plan& plan, Buffers* b) const;
  void check_labels(const Samples& y, size_t sample) const;
  void run_sample(const Step& s, const Buffers& b, size_t sample) const;
  void count_sample(const Step& s, const Buffers& b, size_t sample, double* counts, float* scratch) const;
  void add_totals(const Step& s, const Buffers& b) const;

  const LossKind& kind_;
  bool from_logits_ = false;
  LossParameters parameters_;
  std::optional<int32_t> ignored_;
  float weight_ = 1;
  Indices indices_;
  std::vector<std::unique_ptr<Metric>> metrics_;
  size_t counts_ = 0;  // sums of all metrics together
  std::string layer_;
  Shape output_;
  Rows rows_;
};

}  // namespace convforge
