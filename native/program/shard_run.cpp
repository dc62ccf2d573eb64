#include "program/shard_run.h"

#include <algorithm>
#include <cmath>

#include "program/pieces.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

// Calls visit(sum) for the sums over samples, in one order.
template <typename Visit>
void each_sum(Totals& totals, Visit visit) {
  visit(totals.loss);
  for (double& loss : totals.losses) visit(loss);
  for (std::vector<double>& sums : totals.metrics) {
    for (double& sum : sums) visit(sum);
  }
}

}  // namespace

ShardRun::ShardRun(const Shards& shards, size_t arena_bytes, size_t gradient_floats)
    : shards_(shards), fold_(shards), lanes_(shards.end() - shards.first()), parts_(fold_.parts) {
  for (Lane& lane : lanes_) {
    lane.arena = Memory(arena_bytes);
    if (&lane != &lanes_[0]) lane.gradients = Memory(gradient_floats * sizeof(float));
  }
}

void ShardRun::begin(const Step& batch, StepVotes* votes) {
  batch_ = batch;
  for (uint32_t i = 0; i < lanes_.size(); ++i) {
    Lane& lane = lanes_[i];
    Step& step = lane.step;
    step = batch;
    step.batch_begin = shards_.begin_of(shards_.first() + i, batch.n);
    step.n = shards_.begin_of(shards_.first() + i + 1, batch.n) - step.batch_begin;
    step.first += static_cast<size_t>(step.batch_begin);
    if (step.order) step.order += step.batch_begin;
    step.arena = lane.arena.data();
    if (i > 0) step.gradients = lane.gradients.floats();
    lane.totals = *batch.totals;
    each_sum(lane.totals, [](double& sum) { sum = 0; });
    step.totals = &lane.totals;
  }
  votes_ = votes;
  voted_ = false;
  if (votes_) votes_->begin(batch.is_cancelled());
  // From here on, the other ranks count on this one.
  if (!is_collective()) return;
  for (Lane& lane : lanes_) lane.step.cancelled = nullptr;
}

void ShardRun::run(const Stage& stage, Team& team, float* scratch, size_t scratch_floats) {
  switch (stage.sum) {
    case Stage::Sum::kNone:
      return run_tasks(stage, team, scratch, scratch_floats);
    case Stage::Sum::kBuffer:
      return sum_buffer(stage);
    case Stage::Sum::kGradients:
      return sum_gradients(stage, team);
    case Stage::Sum::kTotals:
      return sum_totals();
  }
}

// The tasks of all shards run together, so that all threads have work.
void ShardRun::run_tasks(const Stage& stage, Team& team, float* scratch, size_t scratch_floats) {
  size_t tasks = 0;
  for (Lane& lane : lanes_) {
    if (lane.step.n > 0 || stage.without_samples) tasks += stage.tasks(lane.step);
    lane.end_task = tasks;
  }
  team.run(tasks, [&](size_t task, int worker) {
    size_t begin = 0;
    const Lane* lane = lanes_.data();
    for (; task >= lane->end_task; ++lane) begin = lane->end_task;
    if (lane->step.is_cancelled()) return;
    stage.run(lane->step, task - begin, scratch + static_cast<size_t>(worker) * scratch_floats);
  });
}

void ShardRun::await_votes() {
  if (!voted_ && votes_) votes_->await();
  voted_ = true;
}

// This process's parts of a sum, where values(lane) are what it has folded.
template <typename Values>
const convforge_part* ShardRun::parts(Values values) {
  for (convforge_part& part : parts_) part.values = values(lanes_[part.first - shards_.first()]);
  return parts_.data();
}

template <typename Values>
void ShardRun::fold_doubles(size_t count, Values values) {
  for (const ShardFold::Addition& add : fold_.additions) {
    double* to = values(lanes_[add.to]);
    const double* from = values(lanes_[add.from]);
    for (size_t i = 0; i < count; ++i) to[i] += from[i];
  }
  double* total = values(lanes_[0]);
  if (const convforge_collective* c = shards_.collective) {
    await_votes();
    const uint64_t ticket =
        c->sum_doubles(c->context, shards_.count, parts(values), static_cast<uint32_t>(parts_.size()), count, total);
    await_collective(*c, ticket);
  }
  for (size_t i = 1; i < lanes_.size(); ++i) std::copy_n(total, count, values(lanes_[i]));
}

void ShardRun::sum_buffer(const Stage& stage) {
  const auto values = [&](const Lane& lane) { return reinterpret_cast<double*>(lane.step.at(stage.summed)); };
  for (const Lane& lane : lanes_) {
    if (lane.step.n == 0) std::fill_n(values(lane), stage.sum_count, 0.0);
  }
  fold_doubles(stage.sum_count, values);
}

// The first shard's gradients, which are the state's, become the sum.
void ShardRun::sum_gradients(const Stage& stage, Team& team) {
  const auto values = [&](const Lane& lane) { return lane.step.gradients + stage.sum_begin; };
  team.run(ceil_div(stage.sum_count, kPieceFloats), [&](size_t task, int) {
    const size_t first = task * kPieceFloats;
    const size_t count = std::min(kPieceFloats, stage.sum_count - first);
    for (const Lane& lane : lanes_) {
      if (lane.step.n == 0) std::fill_n(values(lane) + first, count, 0.0f);
    }
    for (const ShardFold::Addition& add : fold_.additions) {
      kernels().accumulate(values(lanes_[add.from]) + first, values(lanes_[add.to]) + first, count);
    }
  });
  const convforge_collective* c = shards_.collective;
  if (!c) return;
  await_votes();
  tickets_.push_back(c->sum(c->context, shards_.count, parts(values), static_cast<uint32_t>(parts_.size()),
                            stage.sum_count, values(lanes_[0])));
}

// Also waits for the gradients.
void ShardRun::sum_totals() {
  for (Lane& lane : lanes_) {
    lane.sums.clear();
    each_sum(lane.totals, [&lane](double& sum) { lane.sums.push_back(sum); });
  }
  fold_doubles(lanes_[0].sums.size(), [](Lane& lane) { return lane.sums.data(); });
  for (const uint64_t ticket : tickets_) await_collective(*shards_.collective, ticket);
  tickets_.clear();
  Totals& totals = *batch_.totals;
  const double* sum = lanes_[0].sums.data();
  each_sum(totals, [&sum](double& total) { total += *sum++; });
  totals.samples += batch_.n;
  totals.batches += 1;
  const double* losses = lanes_[0].sums.data() + 1;
  const bool finite =
      std::all_of(losses, losses + totals.losses.size(), [](double loss) { return std::isfinite(loss); });
  if (totals.first_non_finite < 0 && !finite) totals.first_non_finite = totals.batches - 1;
}

}  // namespace convforge
