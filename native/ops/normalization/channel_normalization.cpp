#include "ops/normalization/channel_normalization.h"

#include <algorithm>
#include <cmath>

#include "ops/normalization/extreme_values.h"
#include "ops/streams.h"
#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

constexpr size_t kFloatsPerTask = 32768;
constexpr size_t kBlockChannels = 256;    // per task, at most
constexpr size_t kChunkRows = 2048;       // per task, at most; each partial sum runs over these
constexpr size_t kCombinedChannels = 32;  // about as many channels whose chunks a task combines

}  // namespace

ChannelNormalizationOp::ChannelNormalizationOp(const NodeDescription& node, const Shape& in, Set set,
                                               const std::vector<std::string>& others)
    : Op(node, in, in), parameters_(node.parameters), by_sample_(set == Set::kSample) {
  if (in.empty()) throw Error("SHAPE_MISMATCH", node.name + ": a normalization needs an axis of channels", node.name);
  has_gamma_ = node.parameter("gamma") != nullptr;
  has_beta_ = node.parameter("beta") != nullptr;
  std::vector<std::string> names;
  if (has_gamma_) names.push_back("gamma");
  if (has_beta_) names.push_back("beta");
  names.insert(names.end(), others.begin(), others.end());
  node.expect_parameters(names, 0);
  for (const ParameterDescription& parameter : parameters_) {
    if (parameter.shape == Shape{in.back()}) continue;
    throw Error("SHAPE_MISMATCH",
                node.name + ": " + parameter.name + " must have a value for each of " + std::to_string(in.back()) +
                    " channels, not the shape " + to_string(parameter.shape),
                node.name);
  }
  epsilon_ = node.number("epsilon");
  if (!(epsilon_ > 0) || !std::isfinite(epsilon_)) {
    throw Error("INVALID_ARGUMENT", node.name + ": epsilon must be a number above 0, not " + format_number(epsilon_),
                node.name);
  }
  channels_ = static_cast<size_t>(in.back());
  groups_ = channels_;
  rows_ = static_cast<size_t>(size_of(in)) / channels_;
  block_channels_ = std::min(kBlockChannels, channels_);
  chunk_rows_ = std::min(kChunkRows, kFloatsPerTask / block_channels_);
}

void ChannelNormalizationOp::bind_parameters(const std::vector<Parameter>& parameters) {
  for (const Parameter& parameter : parameters) {
    offsets_.push_back(parameter.offset);
    gradients_.push_back(parameter.gradient);
  }
}

bool ChannelNormalizationOp::absorb(const Op& next) {
  const std::optional<Activation> activation = next.fusion().activation;
  if (!activation || has_relu() || !activation->clips()) return false;
  activation_ = *activation;
  return true;
}

ChannelScaling::Coefficients ChannelNormalizationOp::scaling(const Step& s, size_t channel, double mean,
                                                             double variance) const {
  const double gamma = has_gamma_ ? s.weights[offsets_[0] + channel] : 1.0f;
  const double beta = has_beta_ ? s.weights[offsets_[has_gamma_] + channel] : 0.0f;
  const double scale = gamma / std::sqrt(variance + epsilon_);
  return {scale, beta - mean * scale};
}

size_t ChannelNormalizationOp::chunk_size(const Step& s, size_t chunk) const {
  return std::min(chunk_rows_, rows(s) - chunk * chunk_rows_);
}

ChannelNormalizationOp::Tile ChannelNormalizationOp::tile(const Step& s, size_t task) const {
  Tile p;
  const size_t block = task % blocks();
  p.chunk = task / blocks() % chunks(s);
  p.set = task / blocks() / chunks(s);
  p.channel = block * block_channels_;
  p.channels = static_cast<int>(std::min(block_channels_, channels_ - p.channel));
  p.rows = static_cast<int>(chunk_size(s, p.chunk));
  p.offset = (p.set * rows(s) + p.chunk * chunk_rows_) * channels_ + p.channel;
  return p;
}

size_t ChannelNormalizationOp::groups_per_task() const {
  return std::max<size_t>(1, kCombinedChannels / group_channels());
}

BufferId ChannelNormalizationOp::by_set(Plan& plan, size_t floats) const {
  return by_sample_ ? plan.workspace(floats) : plan.workspace(0, floats);
}

BufferId ChannelNormalizationOp::by_chunk(Plan& plan, size_t floats) const {
  const size_t rows = by_sample_ ? rows_ : static_cast<size_t>(plan.capacity()) * rows_;
  return by_set(plan, ceil_div(rows, chunk_rows_) * floats);
}

// `values`: floats read and written per element.
void ChannelNormalizationOp::begin_pass(Plan& plan, const char* kind, int values) const {
  const double bytes = static_cast<double>(values) * size_of(out) * sizeof(float);
  plan.pass({.node = name, .kind = kind, .algorithm = "by channel", .fused = has_relu() ? "relu" : "", .bytes = bytes});
}

void ChannelNormalizationOp::plan_forward(Plan& plan, OpBuffers& buffers, bool training) const {
  const bool takes = uses_batch_statistics(training);
  begin_pass(plan, "forward", takes ? 3 : 2);
  const BufferId coefficients = takes ? plan_statistics(plan, buffers.in) : plan_fixed_statistics(plan);
  if (training) buffers.saved.push_back(coefficients);
  plan.stage(
      {buffers.in, coefficients, buffers.out}, [this](const Step& s) { return tiles(s); },
      [this, b = buffers, coefficients](const Step& s, size_t task, float*) {
        const Tile p = tile(s, task);
        ChannelNormalize n;
        set_rows(s, p, b.in, coefficients, &n);
        kernels().channel_normalize(n, s.at(b.out) + p.offset);
        normalize_extreme(s, p, n, s.at(b.out) + p.offset);
      });
}

BufferId ChannelNormalizationOp::plan_statistics(Plan& plan, BufferId x) const {
  const Statistics w = {by_chunk(plan, 2 * channels_), by_set(plan, kCoefficients * channels_), plan_moments(plan)};
  plan.stage(
      {x, w.partial}, [this](const Step& s) { return tiles(s); },
      [this, x, w](const Step& s, size_t task, float*) {
        const Tile p = tile(s, task);
        ChannelMoments m;
        m.x = s.at(x) + p.offset;
        m.row = static_cast<ptrdiff_t>(channels_);
        m.rows = p.rows;
        m.channels = p.channels;
        m.mean = s.at(w.partial) + (p.set * chunks(s) + p.chunk) * 2 * channels_ + p.channel;
        m.squares = m.mean + channels_;
        kernels().channel_moments(m);
      });
  if (crosses_shards(plan)) {
    plan_shard_statistics(plan, x, w);
  } else {
    plan.stage(
        {x, w.partial, w.coefficients, w.moments}, [this](const Step& s) { return group_tasks(s); },
        [this, x, w](const Step& s, size_t task, float*) { finish_statistics(s, x, w, task); });
  }
  plan_statistics_update(plan, w.moments);
  return w.coefficients;
}

// The variance within the chunks and channels of a group, plus the variance between them.
void ChannelNormalizationOp::finish_statistics(const Step& s, BufferId x, const Statistics& w, size_t task) const {
  each_group(task, [&](size_t set, size_t group) {
    const float* means = s.at(w.partial) + set * chunks(s) * 2 * channels_ + group * group_channels();
    const auto each = [&](auto body) {
      for (size_t chunk = 0; chunk < chunks(s); ++chunk) {
        const float* mean = means + chunk * 2 * channels_;
        const double count = static_cast<double>(chunk_size(s, chunk));
        for (size_t c = 0; c < group_channels(); ++c) body(count, mean[c], mean[c + channels_]);
      }
    };
    const double values = this->values(s);
    double sum = 0;
    each([&sum](double count, double mean, double) { sum += count * mean; });
    double group_mean = sum / values;
    double squares = 0;
    each([&squares, group_mean](double count, double mean, double within) {
      squares += within + count * (mean - group_mean) * (mean - group_mean);
    });
    double variance = squares / values;
    recompute_moments(s, s.at(x), set, group, &group_mean, &variance);
    write_group(s, w, set, group, group_mean, variance);
  });
}

void ChannelNormalizationOp::write_group(const Step& s, const Statistics& w, size_t set, size_t group, double mean,
                                         double variance) const {
  float* of_set = s.at(w.coefficients) + set * kCoefficients * channels_;
  for (size_t c = group * group_channels(); c < (group + 1) * group_channels(); ++c) {
    write_channel(s, of_set, c, mean, variance);
  }
  if (w.moments == kNoBuffer) return;
  double* moments = reinterpret_cast<double*>(s.at(w.moments)) + 2 * group;
  moments[0] = mean;
  moments[1] = variance;
}

void ChannelNormalizationOp::write_channel(const Step& s, float* coefficients, size_t channel, double mean,
                                           double variance) const {
  const float inverse = static_cast<float>(1 / std::sqrt(variance + epsilon_));
  coefficients[kMean * channels_ + channel] = static_cast<float>(mean);
  coefficients[kInverse * channels_ + channel] = inverse;
  coefficients[kScale * channels_ + channel] = has_gamma_ ? s.weights[offsets_[0] + channel] * inverse : inverse;
  coefficients[kShift * channels_ + channel] = has_beta_ ? s.weights[offsets_[has_gamma_] + channel] : 0.0f;
  const double deviation = is_extreme(mean, variance) ? std::sqrt(variance + epsilon_) : 0;
  coefficients[kDeviation * channels_ + channel] = static_cast<float>(deviation);
  coefficients[kMeanRest * channels_ + channel] = static_cast<float>(mean - static_cast<float>(mean));
}

void ChannelNormalizationOp::set_rows(const Step& s, const Tile& p, BufferId x, BufferId coefficients,
                                      ChannelNormalize* n) const {
  const float* by = s.at(coefficients) + p.set * kCoefficients * channels_ + p.channel;
  n->x = s.at(x) + p.offset;
  n->row = static_cast<ptrdiff_t>(channels_);
  n->rows = p.rows;
  n->channels = p.channels;
  n->mean = by + kMean * channels_;
  n->scale = by + kScale * channels_;
  n->shift = by + kShift * channels_;
  n->relu = has_relu();
  n->maximum = activation_.maximum;
  n->stream = streams(static_cast<size_t>(s.n), floats_of(in), static_cast<int>(channels_));
}

void ChannelNormalizationOp::plan_backward(Plan& plan, const OpBuffers& buffers) const {
  begin_pass(plan, "backward", 5);
  Backward w;
  w.coefficients = buffers.saved[0];
  w.sums = by_set(plan, kSums * channels_);
  if (buffers.trains || uses_batch_statistics(true)) {
    w.partial = by_chunk(plan, 2 * channels_);
    plan_sums(plan, buffers, w);
  }
  const bool sums_shards = crosses_shards(plan) && uses_batch_statistics(true);
  if (sums_shards) w.totals = plan.workspace(0, 2 * channels_ * sizeof(double) / sizeof(float));
  plan.stage(
      {buffers.in, buffers.d_out, w.coefficients, w.partial, w.sums, w.totals},
      [this](const Step& s) { return group_tasks(s); },
      [this, b = buffers, w](const Step& s, size_t task, float*) { finish_sums(s, b, w, task); });
  if (sums_shards) plan_shard_terms(plan, w);
  if (buffers.trains) {
    plan.stage(
        {w.coefficients, w.sums}, [this](const Step&) { return blocks(); },
        [this, w](const Step& s, size_t task, float*) { parameter_gradients(s, w, task); });
  }
  if (buffers.d_in == kNoBuffer) return;
  plan.stage(
      {buffers.in, buffers.d_out, w.coefficients, w.sums, buffers.d_in}, [this](const Step& s) { return tiles(s); },
      [this, b = buffers, w](const Step& s, size_t task, float*) {
        const Tile p = tile(s, task);
        ChannelGradient g;
        set_rows(s, p, b.in, w.coefficients, &g);
        g.dy = s.at(b.d_out) + p.offset;
        g.sum = s.at(w.sums) + (p.set * kSums + kSumTerm) * channels_ + p.channel;
        g.product = g.sum + channels_;
        kernels().channel_gradient(g, s.at(b.d_in) + p.offset);
        differentiate_extreme(s, p, g, s.at(b.d_in) + p.offset);
      });
}

void ChannelNormalizationOp::plan_sums(Plan& plan, const OpBuffers& buffers, const Backward& w) const {
  plan.stage(
      {buffers.in, buffers.d_out, w.coefficients, w.partial}, [this](const Step& s) { return tiles(s); },
      [this, b = buffers, w](const Step& s, size_t task, float*) {
        const Tile p = tile(s, task);
        ChannelGradient g;
        set_rows(s, p, b.in, w.coefficients, &g);
        g.dy = s.at(b.d_out) + p.offset;
        g.sum = s.at(w.partial) + (p.set * chunks(s) + p.chunk) * 2 * channels_ + p.channel;
        g.product = g.sum + channels_;
        kernels().channel_gradient_sums(g);
      });
}

// With g the gradient by y through ReLU, and m values in a group: dx = scale * g - inverse * (sum of gamma * g) / m -
// (x - mean) * inverse^3 * (sum of gamma * g * (x - mean)) / m.
void ChannelNormalizationOp::finish_sums(const Step& s, const OpBuffers& b, const Backward& w, size_t task) const {
  each_group(task, [&](size_t set, size_t group) {
    float* sums = s.at(w.sums) + set * kSums * channels_;
    const float* coefficients = s.at(w.coefficients) + set * kCoefficients * channels_;
    const bool extreme = coefficients[kDeviation * channels_ + group * group_channels()] > 0;
    const GroupSums of_group =
        extreme ? sum_extreme(s, b, coefficients, set, group, sums) : sum_chunks(s, w, set, group, sums);
    if (w.totals == kNoBuffer) return write_terms(s, w, set, group, of_group);
    double* totals = reinterpret_cast<double*>(s.at(w.totals)) + 2 * group;
    totals[0] = of_group.sum;
    totals[1] = of_group.product;
  });
}

ChannelNormalizationOp::GroupSums ChannelNormalizationOp::sum_chunks(const Step& s, const Backward& w, size_t set,
                                                                     size_t group, float* sums) const {
  GroupSums of_group;
  const size_t first = group * group_channels();
  for (size_t c = first; w.partial != kNoBuffer && c < first + group_channels(); ++c) {
    double channel_sum = 0;
    double channel_product = 0;
    const float* partial = s.at(w.partial) + set * chunks(s) * 2 * channels_ + c;
    for (size_t chunk = 0; chunk < chunks(s); ++chunk, partial += 2 * channels_) {
      channel_sum += partial[0];
      channel_product += partial[channels_];
    }
    sums[kSum * channels_ + c] = static_cast<float>(channel_sum);
    sums[kProduct * channels_ + c] = static_cast<float>(channel_product);
    const double gamma = has_gamma_ ? s.weights[offsets_[0] + c] : 1.0f;
    of_group.sum += gamma * channel_sum;
    of_group.product += gamma * channel_product;
  }
  return of_group;
}

void ChannelNormalizationOp::write_terms(const Step& s, const Backward& w, size_t set, size_t group,
                                         const GroupSums& of_group) const {
  float* sums = s.at(w.sums) + set * kSums * channels_;
  const float* coefficients = s.at(w.coefficients) + set * kCoefficients * channels_;
  const size_t first = group * group_channels();
  GroupSums terms = of_group;
  if (!(coefficients[kDeviation * channels_ + first] > 0)) {
    const double inverse = coefficients[kInverse * channels_ + first];
    const double share = inverse / values(s);
    terms = {-share * of_group.sum, -share * inverse * inverse * of_group.product};
  }
  // Fixed statistics don't depend on x, so these terms are 0, even if the sums have overflowed.
  const bool follows_x = uses_batch_statistics(true);
  for (size_t c = first; c < first + group_channels(); ++c) {
    sums[kSumTerm * channels_ + c] = follows_x ? static_cast<float>(terms.sum) : 0.0f;
    sums[kProductTerm * channels_ + c] = follows_x ? static_cast<float>(terms.product) : 0.0f;
  }
}

// Sums the parameters' gradients over the sets, in order.
void ChannelNormalizationOp::parameter_gradients(const Step& s, const Backward& w, size_t task) const {
  const size_t end = std::min((task + 1) * block_channels_, channels_);
  for (size_t c = task * block_channels_; c < end; ++c) {
    double gamma = 0;
    double beta = 0;
    for (size_t set = 0; set < sets(s); ++set) {
      const float* sums = s.at(w.sums) + set * kSums * channels_ + c;
      const float* coefficients = s.at(w.coefficients) + set * kCoefficients * channels_ + c;
      const bool extreme = coefficients[kDeviation * channels_] > 0;
      gamma += (extreme ? 1.0 : coefficients[kInverse * channels_]) * sums[kProduct * channels_];
      beta += sums[kSum * channels_];
    }
    if (has_gamma_) s.gradients[gradients_[0] + c] = static_cast<float>(gamma);
    if (has_beta_) s.gradients[gradients_[has_gamma_] + c] = static_cast<float>(beta);
  }
}

}  // namespace convforge
