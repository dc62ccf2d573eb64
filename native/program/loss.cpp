#include "program/loss.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

// Samples per task. Metrics are summed by task, so this must not depend on the number of threads.
constexpr size_t kSamplesPerTask = 8;

// Buffers are sized in floats.
constexpr size_t kFloatsPerDouble = sizeof(double) / sizeof(float);

double* doubles(const Step& s, BufferId buffer) { return reinterpret_cast<double*>(s.at(buffer)); }

size_t tasks_of(size_t samples) { return ceil_div(samples, kSamplesPerTask); }

}  // namespace

Loss::Loss(const OutputTraining& training, const Shape& output, const std::string& layer, Indices indices)
    : kind_(loss_kind(training.loss.kind)),
      from_logits_(training.loss.from_logits),
      indices_(indices),
      layer_(layer),
      output_(output) {
  if (!std::isfinite(training.weight)) {
    throw Error("INVALID_ARGUMENT",
                layer + ": the weight of its loss is " + format_number(training.weight) + "; it takes finite values",
                layer);
  }
  weight_ = static_cast<float>(training.weight);
  const size_t elements = static_cast<size_t>(checked_size(output, "output", layer));
  if (output.empty())
    throw Error("SHAPE_MISMATCH", layer + ": a loss needs an output with at least one axis, not []", layer);
  rows_.n = static_cast<size_t>(output.back());
  rows_.rows = elements / rows_.n;
  parameters_ = loss_parameters(training.loss, rows_.n, layer);
  ignored_ = ignored_class(training.loss, layer);
  for (const MetricDescription& metric : training.metrics) {
    metrics_.push_back(make_metric(metric, rows_, kind_.takes_classes, layer));
    counts_ += metrics_.back()->counts();
  }
}

void Loss::add_empty(Totals* totals) const {
  totals->losses.push_back(0);
  for (const auto& metric : metrics_) totals->metrics.emplace_back(metric->counts());
}

void Loss::check_targets(const Samples& y, const std::vector<uint32_t>* order) const {
  const bool sparse = kind_.takes_classes;
  Shape expected_shape = output_;
  if (sparse) expected_shape.pop_back();
  const std::string expected = sparse ? "int32 classes" : "float32 targets";
  if (y.type() != (sparse ? Samples::Type::kInt32 : Samples::Type::kFloat32)) {
    throw Error("INVALID_ARGUMENT", layer_ + ": y must hold " + expected + ", not " + y.type_name(), layer_);
  }
  if (y.sample_shape() != expected_shape) {
    throw Error("SHAPE_MISMATCH",
                layer_ + ": y must hold " + expected + " of shape " + to_string(expected_shape) + " per sample, not " +
                    to_string(y.shape()),
                layer_);
  }
  if (!sparse) return;
  const size_t count = order ? order->size() : y.count();
  for (size_t i = 0; i < count; ++i) check_labels(y, order ? (*order)[i] : i);
}

void Loss::check_labels(const Samples& y, size_t sample) const {
  for (size_t row = 0; row < rows_.rows; ++row) {
    const int32_t label = y.i32(sample)[row];
    if ((label >= 0 && static_cast<size_t>(label) < rows_.n) || label == ignored_) continue;
    throw Error("INVALID_LABEL",
                "label " + std::to_string(sample * rows_.rows + row) + " of y is " + std::to_string(label) + ", but " +
                    layer_ + " has " + std::to_string(rows_.n) + " classes, counted from 0",
                layer_);
  }
}

void Loss::check_weights(const Samples& weights, size_t samples) const {
  const Shape rows(output_.begin(), output_.end() - 1);
  const bool fits = weights.sample_shape() == Shape{1} || (!rows.empty() && weights.sample_shape() == rows);
  if (weights.type() == Samples::Type::kFloat32 && weights.count() == samples && fits) return;
  const std::string count = std::to_string(samples);
  Shape by_row = rows;
  by_row.insert(by_row.begin(), static_cast<int64_t>(samples));
  throw Error("SHAPE_MISMATCH",
              layer_ + ": sample weights are float32 of shape [" + count + ",1]" +
                  (rows.empty() ? "" : " or " + to_string(by_row)) + ", not " + weights.type_name() + " of shape " +
                  to_string(weights.shape()),
              layer_);
}

const float* Loss::row_weights(const Step& s, size_t sample) const {
  if (!s.sample_weights || s.sample_weights[indices_.output]->sample_size() == 1) return nullptr;
  return s.sample_weights[indices_.output]->f32(s.sample(static_cast<int>(sample)));
}

float Loss::sample_weight(const Step& s, size_t sample) const {
  if (!s.sample_weights || row_weights(s, sample)) return 1.0f;
  return s.sample_weights[indices_.output]->f32(s.sample(static_cast<int>(sample)))[0];
}

void Loss::run_sample(const Step& s, const Buffers& b, size_t sample) const {
  const Samples& y = *s.y[indices_.output];
  const size_t target = s.sample(static_cast<int>(sample));
  const auto part_of = [&](BufferId buffer) {
    return buffer == kNoBuffer ? nullptr : s.at(buffer) + sample * rows_.elements();
  };
  SampleLossCall call;
  call.x = part_of(b.value);
  call.labels = kind_.takes_classes ? y.i32(target) : nullptr;
  call.targets = kind_.takes_classes ? nullptr : y.f32(target);
  call.rows = rows_.rows;
  call.n = rows_.n;
  call.logits = b.logits;
  call.parameters = parameters_;
  call.ignored = ignored_;
  call.row_weights = row_weights(s, sample);
  call.probabilities = part_of(b.probabilities);
  call.dx = part_of(b.gradient);
  call.grad_scale = weight_ * sample_weight(s, sample) / static_cast<float>(s.batch);
  if (b.scale != kNoBuffer) call.grad_scale *= static_cast<float>(*doubles(s, b.scale));
  doubles(s, b.sample_loss)[sample] = kind_.compute(call);
}

void Loss::count_sample(const Step& s, const Buffers& b, size_t sample, double* counts, float* scratch) const {
  const Samples& y = *s.y[indices_.output];
  const size_t target = s.sample(static_cast<int>(sample));
  SampleScores scores;
  scores.p = s.at(b.output) + sample * rows_.elements();
  scores.labels = kind_.takes_classes ? y.i32(target) : nullptr;
  scores.targets = kind_.takes_classes ? nullptr : y.f32(target);
  scores.scratch = scratch;
  for (const auto& metric : metrics_) {
    metric->count(scores, counts);
    counts += metric->counts();
  }
}

// Adds in the order of samples and tasks, in double precision, so that the totals are the same for any number of
// threads.
void Loss::add_totals(const Step& s, const Buffers& b) const {
  const size_t n = static_cast<size_t>(s.n);
  double loss = 0;
  for (size_t sample = 0; sample < n; ++sample) loss += sample_weight(s, sample) * doubles(s, b.sample_loss)[sample];
  if (b.scale != kNoBuffer) loss *= *doubles(s, b.scale);
  if (indices_.output == 0) {
    s.totals->samples += static_cast<double>(n);
    s.totals->batches += 1;
  }
  s.totals->loss += weight_ * loss;
  s.totals->losses[indices_.output] += loss;
  if (s.totals->first_non_finite < 0 && !std::isfinite(loss)) s.totals->first_non_finite = s.totals->batches - 1;
  const double* counts = doubles(s, b.counts);
  for (size_t task = 0; task < tasks_of(n); ++task) {
    for (size_t i = 0; i < metrics_.size(); ++i) {
      for (double& sum : s.totals->metrics[indices_.first_metric + i]) sum += *counts++;
    }
  }
}

// As in Keras, the loss of a batch is divided by the number of rows, over all samples, that aren't ignored.
void Loss::plan_scale(Plan& plan, Buffers* b) const {
  b->counted = plan.workspace(kFloatsPerDouble);
  b->scale = plan.workspace(0, kFloatsPerDouble);
  const auto counted = [b = *b](const Step& s) { return doubles(s, b.counted); };
  plan.stage(
      {b->counted}, [](const Step& s) { return static_cast<size_t>(s.n); },
      [this, counted](const Step& s, size_t sample, float*) {
        const int32_t* labels = s.y[indices_.output]->i32(s.sample(static_cast<int>(sample)));
        counted(s)[sample] =
            static_cast<double>(rows_.rows) - static_cast<double>(std::count(labels, labels + rows_.rows, *ignored_));
      });
  plan.stage(
      {b->counted, b->scale}, [](const Step&) { return size_t{1}; },
      [counted, scale = b->scale](const Step& s, size_t, float*) {
        *doubles(s, scale) = std::accumulate(counted(s), counted(s) + s.n, 0.0);
      });
  if (plan.has_shards()) plan.sum_over_shards(b->scale, 1);
  plan.stage(
      {b->scale}, [](const Step&) { return size_t{1}; },
      [this, scale = b->scale](const Step& s, size_t, float*) {
        const double sum = *doubles(s, scale);
        *doubles(s, scale) = sum > 0 ? static_cast<double>(static_cast<size_t>(s.batch) * rows_.rows) / sum : 0;
      });
}

void Loss::plan(Plan& plan, BufferId value, BufferId activated, BufferId gradient) const {
  Buffers b;
  b.value = value;
  b.gradient = gradient;
  b.logits = activated != kNoBuffer || from_logits_;
  b.probabilities = activated;
  const bool softmax = kind_.logits_of == LogitsOf::kSoftmax;
  // The tensor that metrics and callers see. If the op produces logits, it holds their softmax or sigmoid, which the
  // loss computes anyway.
  b.output = activated != kNoBuffer ? activated : value;
  const char* fused = activated == kNoBuffer ? "" : softmax ? "softmax" : "sigmoid";
  plan.pass({.node = indices_.output == 0 ? "loss" : "loss of " + layer_,
             .kind = "loss",
             .algorithm = "row by row",
             .fused = fused});
  b.sample_loss = plan.workspace(kFloatsPerDouble);
  b.counts = plan.workspace(
      0, std::max<size_t>(1, kFloatsPerDouble * counts_ * tasks_of(static_cast<size_t>(plan.capacity()))));
  if (b.logits && softmax && activated == kNoBuffer) b.probabilities = plan.workspace(rows_.elements());
  for (const auto& metric : metrics_) plan.need_scratch(metric->scratch_floats());
  if (ignored_) plan_scale(plan, &b);
  plan.stage(
      {b.value, b.probabilities, b.gradient, b.sample_loss, b.counts, b.scale},
      [](const Step& s) { return tasks_of(static_cast<size_t>(s.n)); },
      [this, b](const Step& s, size_t task, float* scratch) {
        double* counts = doubles(s, b.counts) + task * counts_;
        std::fill_n(counts, counts_, 0.0);
        const size_t end = std::min((task + 1) * kSamplesPerTask, static_cast<size_t>(s.n));
        for (size_t sample = task * kSamplesPerTask; sample < end; ++sample) {
          run_sample(s, b, sample);
          count_sample(s, b, sample, counts, scratch);
        }
      });
  plan.stage(
      {b.sample_loss, b.counts, b.scale}, [](const Step&) { return size_t{1}; },
      [this, b](const Step& s, size_t, float*) { add_totals(s, b); });
}

}  // namespace convforge
