#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "ops/division.h"
#include "ops/op.h"

namespace convforge {

// y = gamma * (x - mean) / sqrt(variance + epsilon) + beta over x [n][rows][channels], with gamma and beta by channel.
// The statistics are those of a set of values: a group of adjacent channels of one sample, or of the whole batch.
//
// The rows of a set are cut into chunks, by shapes alone. Statistics are taken of each chunk and combined in the
// chunks' order in double precision. Where a batch is computed in shards, sums over a set that is the batch cross them
// (shard_statistics.cpp).
class ChannelNormalizationOp : public Op {
 public:
  std::vector<ParameterDescription> parameters() const override { return parameters_; }
  void bind_parameters(const std::vector<Parameter>& parameters) override;
  // Absorbs ReLU with or without a maximum, whose gradient needs nothing but x.
  bool absorb(const Op& next) override;
  void plan_forward(Plan& plan, OpBuffers& buffers, bool training) const override;
  void plan_backward(Plan& plan, const OpBuffers& buffers) const override;

 protected:
  enum class Set { kSample, kBatch };

  // `others`: the names of the parameters after gamma and beta. gamma and beta may be missing. All parameters have one
  // value per channel.
  ChannelNormalizationOp(const NodeDescription& node, const Shape& in, Set set,
                         const std::vector<std::string>& others = {});

  size_t channels() const { return channels_; }
  void set_groups(size_t groups) { groups_ = groups; }
  size_t offset(size_t parameter) const { return offsets_[parameter]; }
  // The index of the first parameter after gamma and beta.
  size_t first_other() const { return static_cast<size_t>(has_gamma_) + static_cast<size_t>(has_beta_); }
  // The ReLU that was absorbed; linear if none.
  const Activation& activation() const { return activation_; }
  bool has_relu() const { return activation_.clips(); }
  // What normalizing by these statistics does to a channel.
  ChannelScaling::Coefficients scaling(const Step& s, size_t channel, double mean, double variance) const;
  // Writes the coefficients that a channel of a set is normalized by.
  void write_channel(const Step& s, float* coefficients, size_t channel, double mean, double variance) const;

  // Whether the statistics come from the batch. If not, plan_fixed_statistics writes the coefficients.
  virtual bool uses_batch_statistics(bool /*training*/) const { return true; }
  // Adds the stage that computes the coefficients of all channels from the weights.
  virtual BufferId plan_fixed_statistics(Plan& /*plan*/) const { return kNoBuffer; }
  // A buffer for the statistics of the batch, [group][mean, variance] in doubles; kNoBuffer if they don't last.
  virtual BufferId plan_moments(Plan& /*plan*/) const { return kNoBuffer; }
  // Adds the stage that takes them into the state.
  virtual void plan_statistics_update(Plan& /*plan*/, BufferId /*moments*/) const {}

  // The rows of coefficients [set][kCoefficients][channels]. kDeviation is 0 unless the channel is extreme
  // (extreme_values.h). kMeanRest is the rounding error of kMean.
  enum Coefficient { kMean, kInverse, kScale, kShift, kDeviation, kMeanRest, kCoefficients };

 private:
  // The rows and channels of a task.
  struct Tile {
    size_t set = 0;
    size_t chunk = 0;
    size_t offset = 0;  // offset of its first value in x
    int rows = 0;
    size_t channel = 0;
    int channels = 0;
  };
  struct Backward {
    BufferId coefficients = kNoBuffer;
    BufferId partial = kNoBuffer;  // [set][chunk][2][channels]: sums over each chunk
    BufferId sums = kNoBuffer;     // [set][kSums][channels]
    BufferId totals = kNoBuffer;   // doubles [group][2]: GroupSums to be summed over the shards; kNoBuffer without
  };
  // What the terms of a group are made from: the sums over its channels of gamma * kSum and gamma * kProduct. For
  // extreme channels, they are divided by the number of the set's values.
  struct GroupSums {
    double sum = 0;
    double product = 0;
  };
  // The rows of sums [set][kSums][channels]. kSum is the sum of the gradient, kProduct that of the gradient times (x -
  // mean); kSumTerm and kProductTerm are their contributions to dx. For extreme channels, kProduct is the sum of the
  // gradient times the normalized x, and the terms are the group's means of both. The terms are 0 if the statistics are
  // fixed.
  enum Sum { kSum, kProduct, kSumTerm, kProductTerm, kSums };

  size_t sets(const Step& s) const { return by_sample_ ? static_cast<size_t>(s.n) : 1; }
  size_t rows(const Step& s) const { return by_sample_ ? rows_ : static_cast<size_t>(s.n) * rows_; }
  // Values of a group in its whole set, also where a shard has only a part of the set.
  double values(const Step& s) const {
    const size_t rows = by_sample_ ? rows_ : static_cast<size_t>(s.batch) * rows_;
    return static_cast<double>(rows * group_channels());
  }
  bool crosses_shards(const Plan& plan) const { return plan.has_shards() && !by_sample_; }
  size_t chunks(const Step& s) const { return ceil_div(rows(s), chunk_rows_); }
  size_t chunk_size(const Step& s, size_t chunk) const;
  size_t tiles(const Step& s) const { return sets(s) * chunks(s) * blocks(); }
  size_t blocks() const { return ceil_div(channels_, block_channels_); }
  Tile tile(const Step& s, size_t task) const;
  size_t group_channels() const { return channels_ / groups_; }
  size_t groups_per_task() const;
  // Calls body(set, group) for the groups of a task.
  template <typename Body>
  void each_group(size_t task, Body body) const;
  size_t group_tasks(const Step& s) const { return sets(s) * ceil_div(groups_, groups_per_task()); }
  // A buffer of `floats` per set, or per set and chunk.
  BufferId by_set(Plan& plan, size_t floats) const;
  BufferId by_chunk(Plan& plan, size_t floats) const;

  void begin_pass(Plan& plan, const char* kind, int values) const;
  BufferId plan_statistics(Plan& plan, BufferId x) const;
  struct Statistics {
    BufferId partial = kNoBuffer;
    BufferId coefficients = kNoBuffer;
    BufferId moments = kNoBuffer;
  };
  void finish_statistics(const Step& s, BufferId x, const Statistics& w, size_t task) const;
  // Writes what a group's values are normalized by, and its moments.
  void write_group(const Step& s, const Statistics& w, size_t set, size_t group, double mean, double variance) const;
  void set_rows(const Step& s, const Tile& p, BufferId x, BufferId coefficients, ChannelNormalize* n) const;
  void plan_sums(Plan& plan, const OpBuffers& buffers, const Backward& w) const;
  void finish_sums(const Step& s, const OpBuffers& b, const Backward& w, size_t task) const;
  GroupSums sum_chunks(const Step& s, const Backward& w, size_t set, size_t group, float* sums) const;
  void write_terms(const Step& s, const Backward& w, size_t set, size_t group, const GroupSums& of_group) const;
  void parameter_gradients(const Step& s, const Backward& w, size_t task) const;

  // Defined in shard_statistics.cpp: statistics and terms of a batch, from the sums of all its shards.
  void plan_shard_statistics(Plan& plan, BufferId x, const Statistics& w) const;
  void sum_shard(const Step& s, const float* x, const float* partial, size_t channel, double* sums) const;
  void plan_shard_terms(Plan& plan, const Backward& w) const;

  // Replace what the kernels write for extreme channels. Defined in extreme_channels.cpp.
  struct ExtremeChannel;
  ExtremeChannel extreme_channel(const Step& s, const float* coefficients, size_t channel) const;
  // Recomputes a group's moments if it may be extreme.
  void recompute_moments(const Step& s, const float* x, size_t set, size_t group, double* mean, double* variance) const;
  void normalize_extreme(const Step& s, const Tile& p, const ChannelNormalize& n, float* y) const;
  GroupSums sum_extreme(const Step& s, const OpBuffers& b, const float* coefficients, size_t set, size_t group,
                        float* sums) const;
  void differentiate_extreme(const Step& s, const Tile& p, const ChannelGradient& g, float* dx) const;

  std::vector<ParameterDescription> parameters_;
  std::vector<size_t> offsets_;
  std::vector<size_t> gradients_;
  bool by_sample_;
  bool has_gamma_ = false;
  bool has_beta_ = false;
  Activation activation_;
  double epsilon_ = 0;
  size_t channels_ = 0;
  size_t groups_ = 0;
  size_t rows_ = 0;  // rows of a sample
  size_t chunk_rows_ = 0;
  size_t block_channels_ = 0;
};

template <typename Body>
void ChannelNormalizationOp::each_group(size_t task, Body body) const {
  const size_t tasks = ceil_div(groups_, groups_per_task());
  const size_t first = task % tasks * groups_per_task();
  const size_t end = std::min(first + groups_per_task(), groups_);
  for (size_t group = first; group < end; ++group) body(task / tasks, group);
}

}  // namespace convforge
