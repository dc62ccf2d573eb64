// Normalization by a batch that is computed in shards: each shard gives sums in double precision, and the sums of all
// shards give the statistics. Sets of values within a sample cross no shards.
#include "ops/normalization/channel_normalization.h"
#include "ops/normalization/extreme_values.h"

namespace convforge {

// A shard's sums by channel: of x and of x * x.
void ChannelNormalizationOp::plan_shard_statistics(Plan& plan, BufferId x, const Statistics& w) const {
  const size_t doubles = 2 * channels_;
  const BufferId sums = plan.workspace(0, doubles * sizeof(double) / sizeof(float));
  plan.stage(
      {x, w.partial, sums}, [this](const Step& s) { return group_tasks(s); },
      [this, x, w, sums](const Step& s, size_t task, float*) {
        each_group(task, [&](size_t, size_t channel) {
          sum_shard(s, s.at(x), s.at(w.partial), channel, reinterpret_cast<double*>(s.at(sums)) + 2 * channel);
        });
      });
  plan.sum_over_shards(sums, doubles);
  plan.stage(
      {sums, w.coefficients, w.moments}, [this](const Step& s) { return group_tasks(s); },
      [this, w, sums](const Step& s, size_t task, float*) {
        each_group(task, [&](size_t set, size_t channel) {
          const double* of_batch = reinterpret_cast<const double*>(s.at(sums)) + 2 * channel;
          const double mean = of_batch[0] / values(s);
          // In double precision this difference loses less than the chunks' float statistics have lost.
          const double variance = of_batch[1] / values(s) - mean * mean;
          write_group(s, w, set, channel, mean, variance < 0 ? 0 : variance);
        });
      });
}

void ChannelNormalizationOp::sum_shard(const Step& s, const float* x, const float* partial, size_t channel,
                                       double* sums) const {
  const double rows_here = static_cast<double>(rows(s));
  double sum = 0;
  double squares = 0;
  for (size_t chunk = 0; chunk < chunks(s); ++chunk) {
    const double count = static_cast<double>(chunk_size(s, chunk));
    const double mean = partial[chunk * 2 * channels_ + channel];
    sum += count * mean;
    squares += partial[(chunk * 2 + 1) * channels_ + channel] + count * mean * mean;
  }
  double mean = sum / rows_here;
  double variance = squares / rows_here - mean * mean;
  if (may_be_extreme(mean, variance)) {
    recompute_moments(s, x, 0, channel, &mean, &variance);
    sum = rows_here * mean;
    squares = rows_here * (variance + mean * mean);
  }
  sums[0] = sum;
  sums[1] = squares;
}

void ChannelNormalizationOp::plan_shard_terms(Plan& plan, const Backward& w) const {
  plan.sum_over_shards(w.totals, 2 * channels_);
  plan.stage(
      {w.coefficients, w.totals, w.sums}, [this](const Step& s) { return group_tasks(s); },
      [this, w](const Step& s, size_t task, float*) {
        each_group(task, [&](size_t set, size_t channel) {
          const double* totals = reinterpret_cast<const double*>(s.at(w.totals)) + 2 * channel;
          write_terms(s, w, set, channel, {totals[0], totals[1]});
        });
      });
}

}  // namespace convforge
