#include <algorithm>
#include <cmath>

#include "ops/normalization/extreme_values.h"
#include "ops/op.h"
#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

constexpr size_t kRowFloatsPerTask = 32768;
constexpr size_t kMinRows = 8;            // per task, which has its own sums for gamma and beta
constexpr size_t kRowBlockFloats = 4096;  // floats of a row whose statistics are taken at once
constexpr size_t kColumnsPerTask = 1024;

// Whether a row with these statistics is extreme (extreme_values.h).
bool is_extreme_row(float mean, float inverse) { return inverse < 1e-15f || std::fabs(mean) > kExtremeMean; }

// y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, with the statistics of each row of x [rows][n]. n is the
// size of the last axes.
class LayerNormalizationOp : public Op {
 public:
  LayerNormalizationOp(const NodeDescription& node, const Shape& in);

  std::vector<ParameterDescription> parameters() const override { return parameters_; }
  void bind_parameters(const std::vector<Parameter>& parameters) override {
    for (const Parameter& parameter : parameters) {
      offsets_.push_back(parameter.offset);
      gradients_.push_back(parameter.gradient);
    }
  }
  void plan_forward(Plan& plan, OpBuffers& buffers, bool training) const override;
  void plan_backward(Plan& plan, const OpBuffers& buffers) const override;

 private:
  struct Backward {
    BufferId statistics = kNoBuffer;
    BufferId sums = kNoBuffer;  // [task][2][n]: partial gradients by gamma and beta
  };

  size_t rows(const Step& s) const { return static_cast<size_t>(s.n) * rows_per_sample_; }
  size_t tasks(const Step& s) const { return ceil_div(rows(s), task_rows_); }
  size_t end_row(const Step& s, size_t task) const { return std::min((task + 1) * task_rows_, rows(s)); }
  void begin_pass(Plan& plan, const char* kind, int values) const;
  // Writes the row's mean and the inverse of its standard deviation.
  void take_statistics(const float* x, float* statistics) const;
  void set_row(const Step& s, const float* x, const float* statistics, RowNormalize* r) const;
  ExtremeMoments extreme_row_moments(const float* x) const;
  void normalize_extreme(const RowNormalize& r, float* y) const;
  // Adds to the sums [2][n] and writes dx, unless they are null.
  void differentiate_extreme(const RowGradient& r, float* sums, float* dx) const;
  void backward(const Step& s, const OpBuffers& b, const Backward& w, size_t task) const;
  void parameter_gradients(const Step& s, const Backward& w, size_t task) const;

  std::vector<ParameterDescription> parameters_;
  std::vector<size_t> offsets_;
  std::vector<size_t> gradients_;
  bool has_gamma_ = false;
  bool has_beta_ = false;
  double epsilon_ = 0;
  size_t n_ = 1;
  size_t rows_per_sample_ = 0;
  size_t task_rows_ = 0;
  std::vector<float> ones_;   // a missing gamma
  std::vector<float> zeros_;  // a missing beta
};

LayerNormalizationOp::LayerNormalizationOp(const NodeDescription& node, const Shape& in)
    : Op(node, in, in), parameters_(node.parameters) {
  const size_t axes = static_cast<size_t>(node.integer("axes", 1));
  if (axes > in.size()) {
    throw Error("SHAPE_MISMATCH",
                node.name + ": its input " + to_string(in) + " has no " + std::to_string(axes) + " axes", node.name);
  }
  for (size_t axis = in.size() - axes; axis < in.size(); ++axis) n_ *= static_cast<size_t>(in[axis]);
  has_gamma_ = node.parameter("gamma") != nullptr;
  has_beta_ = node.parameter("beta") != nullptr;
  std::vector<std::string> names;
  if (has_gamma_) names.push_back("gamma");
  if (has_beta_) names.push_back("beta");
  node.expect_parameters(names, 0);
  for (const ParameterDescription& parameter : parameters_) {
    if (parameter.shape == Shape{static_cast<int64_t>(n_)}) continue;
    throw Error("SHAPE_MISMATCH",
                node.name + ": " + parameter.name + " must have a value for each of " + std::to_string(n_) +
                    " elements, not the shape " + to_string(parameter.shape),
                node.name);
  }
  epsilon_ = node.number("epsilon");
  if (!(epsilon_ > 0) || !std::isfinite(epsilon_)) {
    throw Error("INVALID_ARGUMENT", node.name + ": epsilon must be a number above 0, not " + format_number(epsilon_),
                node.name);
  }
  rows_per_sample_ = static_cast<size_t>(size_of(in)) / n_;
  task_rows_ = std::max(kMinRows, kRowFloatsPerTask / n_);
  if (!has_gamma_) ones_.assign(n_, 1.0f);
  if (!has_beta_) zeros_.assign(n_, 0.0f);
}

// `values`: floats read and written per element.
void LayerNormalizationOp::begin_pass(Plan& plan, const char* kind, int values) const {
  const double bytes = static_cast<double>(values) * size_of(out) * sizeof(float);
  plan.pass({.node = name, .kind = kind, .algorithm = "row by row", .bytes = bytes});
}

void LayerNormalizationOp::plan_forward(Plan& plan, OpBuffers& buffers, bool training) const {
  begin_pass(plan, "forward", 2);
  const BufferId statistics = training ? plan.workspace(2 * rows_per_sample_) : kNoBuffer;
  if (training) buffers.saved.push_back(statistics);
  plan.stage(
      {buffers.in, statistics, buffers.out}, [this](const Step& s) { return tasks(s); },
      [this, b = buffers, statistics](const Step& s, size_t task, float*) {
        for (size_t row = task * task_rows_; row < end_row(s, task); ++row) {
          float own[2];
          float* of_row = statistics == kNoBuffer ? own : s.at(statistics) + 2 * row;
          const float* x = s.at(b.in) + row * n_;
          take_statistics(x, of_row);
          RowNormalize r;
          set_row(s, x, of_row, &r);
          float* y = s.at(b.out) + row * n_;
          is_extreme_row(r.mean, r.inverse) ? normalize_extreme(r, y) : kernels().row_normalize(r, y);
        }
      });
}

// The variance within the blocks, plus the variance between them.
void LayerNormalizationOp::take_statistics(const float* x, float* statistics) const {
  const double values = static_cast<double>(n_);
  double mean = 0;
  double squares = 0;
  for (size_t first = 0; first < n_; first += kRowBlockFloats) {
    const size_t count = std::min(kRowBlockFloats, n_ - first);
    float block_mean = 0;
    float block_squares = 0;
    kernels().row_moments(x + first, static_cast<int>(count), &block_mean, &block_squares);
    const double apart = block_mean - mean;
    const double share = static_cast<double>(count) / static_cast<double>(first + count);
    mean += apart * share;
    squares += block_squares + apart * apart * share * static_cast<double>(first);
  }
  double variance = squares / values;
  if (may_be_extreme(mean, variance)) {
    const ExtremeMoments m = extreme_row_moments(x);
    if (m.finite()) {
      mean = m.mean;
      variance = m.variance;
    }
  }
  statistics[0] = static_cast<float>(mean);
  statistics[1] = static_cast<float>(1 / std::sqrt(variance + epsilon_));
}

ExtremeMoments LayerNormalizationOp::extreme_row_moments(const float* x) const {
  return extreme_moments(static_cast<double>(n_), [&](auto body) {
    for (size_t i = 0; i < n_; ++i) body(x[i]);
  });
}

void LayerNormalizationOp::normalize_extreme(const RowNormalize& r, float* y) const {
  const ExtremeMoments m = extreme_row_moments(r.x);
  const double deviation = m.deviation(epsilon_);
  for (size_t i = 0; i < n_; ++i) y[i] = static_cast<float>((r.x[i] - m.mean) / deviation * r.gamma[i] + r.beta[i]);
}

void LayerNormalizationOp::set_row(const Step& s, const float* x, const float* statistics, RowNormalize* r) const {
  r->x = x;
  r->n = static_cast<int>(n_);
  r->mean = statistics[0];
  r->inverse = statistics[1];
  r->gamma = has_gamma_ ? s.weights + offsets_[0] : ones_.data();
  r->beta = has_beta_ ? s.weights + offsets_[has_gamma_] : zeros_.data();
}

void LayerNormalizationOp::plan_backward(Plan& plan, const OpBuffers& buffers) const {
  begin_pass(plan, "backward", 3);
  Backward w;
  w.statistics = buffers.saved[0];
  if (buffers.trains) {
    const size_t rows = static_cast<size_t>(plan.capacity()) * rows_per_sample_;
    w.sums = plan.workspace(0, ceil_div(rows, task_rows_) * 2 * n_);
  }
  plan.stage(
      {buffers.in, buffers.d_out, w.statistics, w.sums, buffers.d_in}, [this](const Step& s) { return tasks(s); },
      [this, b = buffers, w](const Step& s, size_t task, float*) { backward(s, b, w, task); });
  if (!buffers.trains) return;
  plan.stage(
      {w.sums}, [this](const Step&) { return ceil_div(n_, kColumnsPerTask); },
      [this, w](const Step& s, size_t task, float*) { parameter_gradients(s, w, task); });
}

// With g = gamma * dy: dx = inverse * (g - mean of g) - (x - mean) * inverse^3 * (mean of g * (x - mean)).
void LayerNormalizationOp::backward(const Step& s, const OpBuffers& b, const Backward& w, size_t task) const {
  float* sums = w.sums == kNoBuffer ? nullptr : s.at(w.sums) + task * 2 * n_;
  if (sums) std::fill_n(sums, 2 * n_, 0.0f);
  for (size_t row = task * task_rows_; row < end_row(s, task); ++row) {
    RowGradient r;
    set_row(s, s.at(b.in) + row * n_, s.at(w.statistics) + 2 * row, &r);
    r.dy = s.at(b.d_out) + row * n_;
    if (is_extreme_row(r.mean, r.inverse)) {
      differentiate_extreme(r, sums, b.d_in == kNoBuffer ? nullptr : s.at(b.d_in) + row * n_);
      continue;
    }
    if (sums) kernels().row_parameter_sums(r, sums, sums + n_);
    if (b.d_in == kNoBuffer) continue;
    float sum = 0;
    float product = 0;
    kernels().row_gradient_sums(r, &sum, &product);
    const double share = -static_cast<double>(r.inverse) / static_cast<double>(n_);
    kernels().row_gradient(r, static_cast<float>(share * sum),
                           static_cast<float>(share * r.inverse * r.inverse * product), s.at(b.d_in) + row * n_);
  }
}

// With n the normalized x: dx = (g - mean(g) - n * mean(g * n)) / deviation.
void LayerNormalizationOp::differentiate_extreme(const RowGradient& r, float* sums, float* dx) const {
  const ExtremeMoments m = extreme_row_moments(r.x);
  const double deviation = m.deviation(epsilon_);
  const double share = 1 / static_cast<double>(n_);
  const auto normalized = [&](size_t i) { return (r.x[i] - m.mean) / deviation; };
  const auto scaled = [&](size_t i) { return static_cast<double>(r.gamma[i]) * r.dy[i]; };
  double mean = 0;
  double product = 0;
  for (size_t i = 0; i < n_; ++i) {
    mean += scaled(i) * share;
    product += scaled(i) * normalized(i) * share;
    if (!sums) continue;
    sums[i] += static_cast<float>(r.dy[i] * normalized(i));
    sums[n_ + i] += r.dy[i];
  }
  for (size_t i = 0; dx && i < n_; ++i)
    dx[i] = static_cast<float>((scaled(i) - mean - normalized(i) * product) / deviation);
}

// The gradients of some columns, summed over the tasks in order.
void LayerNormalizationOp::parameter_gradients(const Step& s, const Backward& w, size_t task) const {
  const size_t first = task * kColumnsPerTask;
  const int columns = static_cast<int>(std::min(kColumnsPerTask, n_ - first));
  const float* sums = s.at(w.sums) + first;
  const ptrdiff_t next = static_cast<ptrdiff_t>(2 * n_);
  if (has_gamma_) kernels().sum_rows(sums, tasks(s), next, s.gradients + gradients_[0] + first, columns, false);
  if (has_beta_)
    kernels().sum_rows(sums + n_, tasks(s), next, s.gradients + gradients_[has_gamma_] + first, columns, false);
}

}  // namespace

std::unique_ptr<Op> make_layerNormalization(const NodeDescription& node, const Shape& in) {
  return std::make_unique<LayerNormalizationOp>(node, in);
}

}  // namespace convforge
