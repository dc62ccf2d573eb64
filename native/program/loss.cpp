#include "program/loss.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

constexpr size_t kSamplesPerTask = 8;

template <typename Value>
Value named(const std::map<std::string, Value>& values, const std::string& name, const char* what) {
  const auto found = values.find(name);
  if (found == values.end()) throw Error("UNSUPPORTED", std::string("there is no ") + what + " '" + name + "'");
  return found->second;
}

size_t first_maximum(const float* x, size_t n) { return static_cast<size_t>(std::max_element(x, x + n) - x); }

}  // namespace

Loss::Loss(const OutputTraining& training, const Shape& output, const std::string& layer, Place place)
    : place_(place), layer_(layer), output_(output) {
  if (!std::isfinite(training.weight)) {
    throw Error("INVALID_ARGUMENT",
                layer + ": the weight of its loss is " + format_number(training.weight) + "; it takes finite values",
                layer);
  }
  weight_ = static_cast<float>(training.weight);
  kind_ = named<Kind>({{"categoricalCrossentropy", Kind::kCategorical},
                       {"sparseCategoricalCrossentropy", Kind::kSparse},
                       {"meanSquaredError", Kind::kMeanSquared},
                       {"halfSquaredError", Kind::kHalfSquared}},
                      training.loss.kind, "loss");
  from_logits_ = training.loss.from_logits;
  for (const std::string& metric : training.metrics) {
    metrics_.push_back(named<Metric>({{"categoricalAccuracy", Metric::kCategorical},
                                      {"sparseCategoricalAccuracy", Metric::kSparse},
                                      {"binaryAccuracy", Metric::kBinary},
                                      {"meanSquaredError", Metric::kMeanSquared}},
                                     metric, "metric"));
    const bool takes_classes = metrics_.back() == Metric::kSparse;
    if (takes_classes != (kind_ == Kind::kSparse)) {
      throw Error("INVALID_ARGUMENT",
                  "the metric '" + metric + "' doesn't take the targets of the loss '" + training.loss.kind + "'");
    }
  }
  const size_t elements = static_cast<size_t>(checked_size(output, "output", layer));
  if (is_cross_entropy() && output.empty())
    throw Error("SHAPE_MISMATCH", layer + ": cross-entropy needs an axis of classes", layer);
  classes_ = is_cross_entropy() ? static_cast<size_t>(output.back()) : elements;
  rows_ = elements / classes_;
}

void Loss::check_targets(const Samples& y, const std::vector<uint32_t>* order) const {
  const bool sparse = kind_ == Kind::kSparse;
  Shape expected = output_;
  if (sparse) expected.pop_back();
  const std::string wanted = sparse ? "int32 classes" : "float32 targets";
  if (y.type() != (sparse ? Samples::Type::kInt32 : Samples::Type::kFloat32)) {
    throw Error("INVALID_ARGUMENT", layer_ + ": y must hold " + wanted + ", not " + y.type_name(), layer_);
  }
  if (y.sample_shape() != expected) {
    throw Error("SHAPE_MISMATCH",
                layer_ + ": y must hold " + wanted + " of shape " + to_string(expected) + " a sample, not " +
                    to_string(y.shape()),
                layer_);
  }
  if (!sparse) return;
  const size_t count = order ? order->size() : y.count();
  for (size_t i = 0; i < count; ++i) check_labels(y, order ? (*order)[i] : i);
}

void Loss::check_labels(const Samples& y, size_t sample) const {
  for (size_t row = 0; row < rows_; ++row) {
    const int32_t label = y.i32(sample)[row];
    if (label >= 0 && static_cast<size_t>(label) < classes_) continue;
    throw Error("INVALID_LABEL",
                "label " + std::to_string(sample * rows_ + row) + " of y is " + std::to_string(label) + ", but " +
                    layer_ + " has " + std::to_string(classes_) + " classes, counted from 0",
                layer_);
  }
}

float Loss::metric(Metric metric, const float* p, const Samples& y, size_t sample) const {
  const size_t elements = rows_ * classes_;
  float sum = 0;
  switch (metric) {
    case Metric::kCategorical:
    case Metric::kSparse: {
      const size_t n = static_cast<size_t>(output_.empty() ? 1 : output_.back());
      const size_t rows = elements / n;
      for (size_t r = 0; r < rows; ++r) {
        const size_t predicted = first_maximum(p + r * n, n);
        const size_t truth =
            metric == Metric::kSparse ? static_cast<size_t>(y.i32(sample)[r]) : first_maximum(y.f32(sample) + r * n, n);
        sum += predicted == truth ? 1.0f : 0.0f;
      }
      return sum / static_cast<float>(rows);
    }
    case Metric::kBinary:
      for (size_t e = 0; e < elements; ++e) sum += (p[e] > 0.5f) == (y.f32(sample)[e] > 0.5f) ? 1.0f : 0.0f;
      return sum / static_cast<float>(elements);
    case Metric::kMeanSquared:
      for (size_t e = 0; e < elements; ++e) {
        const float difference = p[e] - y.f32(sample)[e];
        sum += difference * difference;
      }
      return sum / static_cast<float>(elements);
  }
  return sum;
}

float Loss::sample_weight(const Step& s, size_t sample) const {
  return s.sample_weights ? s.sample_weights[place_.output]->f32(s.sample(static_cast<int>(sample)))[0] : 1.0f;
}

void Loss::run_rows(const Step& s, const Buffers& b, size_t sample) const {
  const KernelTable& k = kernels();
  const Samples& y = *s.y[place_.output];
  const size_t offset = sample * rows_ * classes_;
  const size_t target = s.sample(static_cast<int>(sample));
  const float* value = s.at(b.value) + offset;
  float* gradient = b.gradient == kNoBuffer ? nullptr : s.at(b.gradient) + offset;
  float* probabilities = b.probabilities == kNoBuffer ? nullptr : s.at(b.probabilities) + offset;
  float* row_loss = s.at(b.row_loss) + sample * rows_;
  const float mean = weight_ * sample_weight(s, sample) / (static_cast<float>(s.n) * static_cast<float>(rows_));
  if (is_cross_entropy()) {
    CrossEntropy c;
    c.x = value;
    c.labels = kind_ == Kind::kSparse ? y.i32(target) : nullptr;
    c.targets = kind_ == Kind::kSparse ? nullptr : y.f32(target);
    c.rows = static_cast<int>(rows_);
    c.n = static_cast<int>(classes_);
    c.probabilities = probabilities;
    c.row_loss = row_loss;
    c.dx = gradient;
    c.grad_scale = mean;
    if (probabilities) {
      k.softmax_cross_entropy(c);
    } else {
      k.probability_cross_entropy(c);
    }
  } else {
    const float loss_scale = kind_ == Kind::kMeanSquared ? 1.0f / static_cast<float>(classes_) : 0.5f;
    k.squared_error(value, y.f32(target), 1, static_cast<int>(classes_), loss_scale, row_loss, gradient,
                    2.0f * loss_scale * mean);
  }
  // Of what the program gives out: where that is logits, their softmax is a by-product.
  const float* output = b.probabilities_are_output ? probabilities : value;
  for (size_t i = 0; i < metrics_.size(); ++i) {
    s.at(b.metrics)[sample * metrics_.size() + i] = metric(metrics_[i], output, y, target);
  }
}

// In the order of samples, in double: the same for any number of threads.
void Loss::add_totals(const Step& s, const Buffers& b) const {
  const size_t n = static_cast<size_t>(s.n);
  double loss = 0;
  for (size_t sample = 0; sample < n; ++sample) {
    double sum = 0;
    for (size_t r = 0; r < rows_; ++r) sum += s.at(b.row_loss)[sample * rows_ + r];
    loss += sample_weight(s, sample) * sum;
  }
  loss /= static_cast<double>(rows_);
  if (place_.output == 0) {
    s.totals->samples += static_cast<double>(n);
    s.totals->batches += 1;
  }
  s.totals->loss += weight_ * loss;
  s.totals->losses[place_.output] += loss;
  double* metrics = s.totals->metrics.data() + place_.metrics;
  for (size_t i = 0; i < metrics_.size(); ++i) {
    for (size_t sample = 0; sample < n; ++sample) metrics[i] += s.at(b.metrics)[sample * metrics_.size() + i];
  }
}

void Loss::plan(Plan& plan, BufferId value, BufferId probabilities, BufferId gradient) const {
  Buffers b;
  b.value = value;
  b.probabilities = probabilities;
  b.gradient = gradient;
  b.probabilities_are_output = probabilities != kNoBuffer;
  const char* fused = b.probabilities_are_output ? "softmax" : "";
  plan.pass({.node = place_.output == 0 ? "loss" : "loss of " + layer_,
             .kind = "loss",
             .algorithm = "row by row",
             .fused = fused});
  b.row_loss = plan.workspace(rows_);
  b.metrics = plan.workspace(metrics_.size(), 1);
  if (is_cross_entropy() && from_logits_ && probabilities == kNoBuffer)
    b.probabilities = plan.workspace(rows_ * classes_);
  plan.stage(
      {b.value, b.probabilities, b.gradient, b.row_loss, b.metrics},
      [](const Step& s) { return ceil_div(static_cast<size_t>(s.n), kSamplesPerTask); },
      [this, b](const Step& s, size_t task, float*) {
        const size_t end = std::min((task + 1) * kSamplesPerTask, static_cast<size_t>(s.n));
        for (size_t sample = task * kSamplesPerTask; sample < end; ++sample) run_rows(s, b, sample);
      });
  plan.stage(
      {b.row_loss, b.metrics}, [](const Step&) { return size_t{1}; },
      [this, b](const Step& s, size_t, float*) { add_totals(s, b); });
}

}  // namespace convforge
