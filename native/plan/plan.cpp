#include "plan/plan.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "plan/placement.h"
#include "runtime/error.h"
#include "runtime/memory.h"

namespace convforge {
namespace {

Step multiplied(Step step, int multiplier) {
  step.n *= multiplier;
  step.batch *= multiplier;
  step.batch_begin *= multiplier;
  return step;
}

}  // namespace

void Plan::set_batch_multiplier(int64_t multiplier) {
  if (multiplier > std::numeric_limits<int>::max() / capacity_)
    throw Error("TOO_LARGE", "a batch of " + std::to_string(capacity_) + " samples of " + std::to_string(multiplier) +
                                 " steps is too large; use a smaller one");
  batch_multiplier_ = static_cast<int>(multiplier);
}

BufferId Plan::buffer(size_t per_sample, size_t fixed) {
  const double floats = static_cast<double>(per_sample) * capacity() + static_cast<double>(fixed);
  if (floats > 0x1p46)
    throw Error("TOO_LARGE",
                "a batch of " + std::to_string(capacity_) + " samples doesn't fit in memory; use a smaller one");
  Buffer buffer;
  buffer.bytes = round_up((per_sample * static_cast<size_t>(capacity()) + fixed) * sizeof(float), kLineBytes);
  buffers_.push_back(buffer);
  return static_cast<BufferId>(buffers_.size() - 1);
}

void Plan::pass(Pass pass) {
  if (recomputes_) pass.kind = "recompute";
  pass.flops *= batch_multiplier_;
  pass.bytes *= batch_multiplier_;
  passes_.push_back(std::move(pass));
}

BufferId Plan::workspace(size_t per_sample, size_t fixed) {
  const BufferId id = buffer(per_sample, fixed);
  passes_.back().workspace += buffers_[static_cast<size_t>(id)].bytes;
  return id;
}

BufferId Plan::lasting_workspace(size_t floats) {
  const BufferId id = workspace(0, floats);
  buffers_[static_cast<size_t>(id)].lasting = !recomputes_;
  return id;
}

void Plan::stage(std::vector<BufferId> uses, std::function<size_t(const Step&)> tasks,
                 std::function<void(const Step&, size_t, float*)> run) {
  const int index = static_cast<int>(stages_.size());
  for (const BufferId id : uses) {
    if (id == kNoBuffer) continue;
    Buffer& buffer = buffers_[static_cast<size_t>(id)];
    if (buffer.first_stage < 0) buffer.first_stage = index;
    buffer.last_stage = index;
  }
  if (batch_multiplier_ > 1) {
    tasks = [tasks = std::move(tasks), multiplier = batch_multiplier_](const Step& step) {
      return tasks(multiplied(step, multiplier));
    };
    run = [run = std::move(run), multiplier = batch_multiplier_](const Step& step, size_t task, float* scratch) {
      run(multiplied(step, multiplier), task, scratch);
    };
  }
  if (recomputes_) {
    run = [run = std::move(run)](Step step, size_t task, float* scratch) {
      step.state = nullptr;
      run(step, task, scratch);
    };
  }
  stages_.push_back({.tasks = std::move(tasks),
                     .run = std::move(run),
                     .pass = passes_.size() - 1,
                     .updates = updates_,
                     .changes_state = changes_state_,
                     .of_batch = joined_,
                     .without_samples = std::exchange(follows_sum_, false)});
}

void Plan::weights_stage(std::vector<BufferId> uses, std::function<size_t(const Step&)> tasks,
                         std::function<void(const Step&, size_t, float*)> run) {
  stage(std::move(uses), std::move(tasks), std::move(run));
  stages_.back().on_new_weights = !recomputes_;
  stages_.back().without_samples = true;
}

void Plan::statistics_stage(std::vector<BufferId> uses, std::function<size_t(const Step&)> tasks,
                            std::function<void(const Step&, size_t, float*)> run) {
  if (recomputes_) return;
  statistics_.push_back({std::move(uses), std::move(tasks), std::move(run), passes_.size() - 1});
}

void Plan::begin_update() {
  changes_state_ = true;
  for (Deferred& deferred : statistics_) {
    stage(std::move(deferred.uses), std::move(deferred.tasks), std::move(deferred.run));
    stages_.back().pass = deferred.pass;
  }
  statistics_.clear();
  updates_ = true;
}

Stage& Plan::add_sum(Stage::Sum sum, std::vector<BufferId> uses) {
  stage(
      std::move(uses), [](const Step&) { return size_t{0}; }, [](const Step&, size_t, float*) {});
  stages_.back().sum = sum;
  return stages_.back();
}

void Plan::sum_over_shards(BufferId buffer, size_t doubles) {
  Stage& added = add_sum(Stage::Sum::kBuffer, {buffer});
  added.summed = buffer;
  added.sum_count = doubles;
  follows_sum_ = true;
}

void Plan::sum_gradients(size_t begin, size_t floats) {
  Stage& added = add_sum(Stage::Sum::kGradients, {});
  added.sum_begin = begin;
  added.sum_count = floats;
}

void Plan::join_shards() {
  add_sum(Stage::Sum::kTotals, {});
  joined_ = true;
}

void Plan::need_scratch(size_t floats) {
  const size_t rounded = round_up(floats, kLineFloats);
  scratch_floats_ = std::max(scratch_floats_, rounded);
  passes_.back().scratch = std::max(passes_.back().scratch, rounded * sizeof(float));
}

void Plan::finish(const std::vector<BufferId>& results) {
  const int end = static_cast<int>(stages_.size());
  for (const BufferId id : results) {
    if (id != kNoBuffer) buffers_[static_cast<size_t>(id)].last_stage = end;
  }
  std::vector<Life> lives;
  for (const Buffer& buffer : buffers_) {
    // One is added since the stage of a buffer that no stage uses is -1.
    const int first = buffer.lasting ? 0 : buffer.first_stage;
    const int last = buffer.lasting ? end : buffer.last_stage;
    lives.push_back({buffer.bytes, static_cast<size_t>(first + 1), static_cast<size_t>(last + 1)});
  }
  Placement placement = place_buffers(lives);
  offsets_ = std::move(placement.offsets);
  arena_bytes_ = placement.bytes;
}

}  // namespace convforge
