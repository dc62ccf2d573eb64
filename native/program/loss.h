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
  // Where in a step's targets and totals it stands: the outputs with a loss before it, and their metrics.
  struct Place {
    size_t output = 0;
    size_t metrics = 0;
  };

  // `output`: shape of the value; `layer`: the node it comes from. Throws Error for what doesn't fit.
  Loss(const OutputTraining& training, const Shape& output, const std::string& layer, Place place);

  // The activation that it does itself where it is given the logits.
  LogitsOf logits_of() const { return kind_.logits_of; }
  size_t metrics() const { return metrics_.size(); }
  // Adds its place to totals of nothing.
  void add_empty(Totals* totals) const;

  // Throws Error SHAPE_MISMATCH or INVALID_ARGUMENT unless the targets suit the loss and metrics, INVALID_LABEL for a
  // class out of range among the samples that `order` names (null: all).
  void check_targets(const Samples& y, const std::vector<uint32_t>* order) const;
  // Throws Error SHAPE_MISMATCH unless there is a weight for each of `samples`, or for each of their rows.
  void check_weights(const Samples& weights, size_t samples) const;

  // Adds the stages that compute the loss of `value`, its metrics, and (unless kNoBuffer) its gradient, and add to
  // Step::totals. With `activated`, `value` holds the logits of an activation whose result goes there.
  void plan(Plan& plan, BufferId value, BufferId activated, BufferId gradient) const;

 private:
  struct Buffers {
    BufferId value = kNoBuffer;
    BufferId output = kNoBuffer;  // what metrics are of
    BufferId probabilities = kNoBuffer;
    BufferId gradient = kNoBuffer;
    BufferId sample_loss = kNoBuffer;  // doubles, as are the counts
    BufferId counts = kNoBuffer;       // of all metrics, by task
    BufferId counted = kNoBuffer;      // doubles: rows that have a loss, by sample; kNoBuffer: all have
    BufferId scale = kNoBuffer;        // a double: what the batch's mean over all rows is multiplied by
    bool logits = false;
  };

  // Of a sample as a whole: 1 where its rows have weights.
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
  Place place_;
  std::vector<std::unique_ptr<Metric>> metrics_;
  size_t counts_ = 0;  // of all metrics
  std::string layer_;
  Shape output_;
  Rows rows_;
};

}  // namespace convforge
