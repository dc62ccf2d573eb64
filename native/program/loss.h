#pragma once

#include <string>
#include <vector>

#include "program/description.h"
#include "program/plan.h"
#include "program/samples.h"

namespace convforge {

// The loss and the metrics of one output of a program. Meaning: LossDescription and MetricKind in
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

  bool is_cross_entropy() const { return kind_ == Kind::kCategorical || kind_ == Kind::kSparse; }
  size_t metrics() const { return metrics_.size(); }

  // Throws Error SHAPE_MISMATCH or INVALID_ARGUMENT unless the targets suit the loss and metrics, INVALID_LABEL for a
  // class out of range among the samples that `order` names (null: all).
  void check_targets(const Samples& y, const std::vector<uint32_t>* order) const;

  // Adds the stages that compute the loss of `value`, its metrics, and (unless kNoBuffer) its gradient, and add to
  // Step::totals. With `probabilities`, `value` holds the logits of a softmax whose result goes there.
  void plan(Plan& plan, BufferId value, BufferId probabilities, BufferId gradient) const;

 private:
  enum class Kind { kCategorical, kSparse, kMeanSquared, kHalfSquared };
  enum class Metric { kCategorical, kSparse, kBinary, kMeanSquared };

  struct Buffers {
    BufferId value = kNoBuffer;
    BufferId probabilities = kNoBuffer;
    BufferId gradient = kNoBuffer;
    BufferId row_loss = kNoBuffer;
    BufferId metrics = kNoBuffer;
    bool probabilities_are_output = false;
  };

  // Of a sample in the batch.
  float sample_weight(const Step& s, size_t sample) const;
  void check_labels(const Samples& y, size_t sample) const;
  void run_rows(const Step& s, const Buffers& b, size_t sample) const;
  float metric(Metric metric, const float* p, const Samples& y, size_t sample) const;
  void add_totals(const Step& s, const Buffers& b) const;

  Kind kind_;
  bool from_logits_ = false;
  float weight_ = 1;
  Place place_;
  std::vector<Metric> metrics_;
  std::string layer_;
  Shape output_;
  size_t classes_ = 0;  // or elements of a sample, for squared errors
  size_t rows_ = 1;     // a sample's
};

}  // namespace convforge
