#include "program/metrics/metric.h"

#include <cmath>

#include "program/losses/sample_loss.h"
#include "runtime/error.h"

namespace convforge {
namespace {

// The sum of the samples' losses, and their number.
class MeanLoss : public Metric {
 public:
  MeanLoss(Rows rows, const LossDescription& description, const std::string& layer)
      : Metric(rows, 2), kind_(loss_kind(description.kind)), logits_(description.from_logits) {
    parameters_ = loss_parameters(description, rows.n, layer);
    ignored_ = ignored_class(description, layer);
  }

  size_t scratch_floats() const override {
    return logits_ && kind_.logits_of == LogitsOf::kSoftmax ? rows_.elements() : 0;
  }

  void count(const SampleScores& sample, double* sums) const override {
    SampleLossCall call;
    call.x = sample.p;
    call.labels = sample.labels;
    call.targets = sample.targets;
    call.rows = rows_.rows;
    call.n = rows_.n;
    call.logits = logits_;
    call.parameters = parameters_;
    call.ignored = ignored_;
    call.probabilities = scratch_floats() > 0 ? sample.scratch : nullptr;
    sums[0] += kind_.compute(call);
    sums[1] += 1;
  }

 private:
  const LossKind& kind_;
  bool logits_;
  LossParameters parameters_;
  std::optional<int32_t> ignored_;
};

float finite(double value, const char* what, const std::string& layer) {
  if (!std::isfinite(value))
    throw Error("INVALID_ARGUMENT",
                layer + ": a metric's " + what + " is " + format_number(value) + "; it must be a finite number", layer);
  return static_cast<float>(value);
}

int whole(double value, const char* what, int minimum, const std::string& layer) {
  constexpr double kMax = 1e6;
  if (!(value >= minimum && value <= kMax) || value != std::floor(value)) {
    throw Error("INVALID_ARGUMENT",
                layer + ": a metric's " + what + " is " + format_number(value) + "; it must be a whole number from " +
                    std::to_string(minimum) + " to 1000000",
                layer);
  }
  return static_cast<int>(value);
}

}  // namespace

std::unique_ptr<Metric> make_metric(const MetricDescription& description, Rows rows, bool classes,
                                    const std::string& layer) {
  const std::string& kind = description.kind;
  const auto takes = [&](bool metric_takes_classes) {
    if (metric_takes_classes == classes) return;
    const std::string name = kind == "mean" ? description.loss.kind : kind;
    throw Error("INVALID_ARGUMENT",
                layer + ": the metric '" + name + "' doesn't take the targets of its loss, which are " +
                    (classes ? "classes" : "values"),
                layer);
  };
  if (kind == "mean") {
    takes(loss_kind(description.loss.kind).takes_classes);
    return std::make_unique<MeanLoss>(rows, description.loss, layer);
  }
  if (kind == "binaryAccuracy") {
    takes(false);
    return binary_accuracy(rows, finite(description.threshold.value_or(0.5), "threshold", layer));
  }
  if (kind == "categoricalAccuracy" || kind == "sparseCategoricalAccuracy") {
    takes(kind == "sparseCategoricalAccuracy");
    return categorical_accuracy(rows);
  }
  if (kind == "topKCategoricalAccuracy" || kind == "sparseTopKCategoricalAccuracy") {
    takes(kind == "sparseTopKCategoricalAccuracy");
    return top_k_accuracy(rows, whole(description.k, "k", 1, layer));
  }
  if (kind == "classCounts") {
    if (!description.threshold) return class_counts(rows, std::nullopt);
    return class_counts(rows, finite(*description.threshold, "threshold", layer));
  }
  if (kind == "scoreCounts") return score_counts(rows, whole(description.thresholds, "thresholds", 2, layer));
  throw Error("UNSUPPORTED", "there is no metric '" + kind + "'");
}

}  // namespace convforge
