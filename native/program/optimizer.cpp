#include "program/optimizer.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "program/constraints.h"
#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

double bytes_of(const std::vector<Piece>& pieces, size_t arrays) {
  return static_cast<double>(arrays * count_floats(pieces) * sizeof(float));
}

void check_settings(const OptimizerDescription& d) {
  check_range("weightDecay", d.weight_decay, INFINITY);
  check_range("clipNorm", d.clip_norm, INFINITY);
  check_range("clipValue", d.clip_value, INFINITY);
  check_range("globalClipNorm", d.global_clip_norm, INFINITY);
  if ((d.clip_norm > 0) + (d.clip_value > 0) + (d.global_clip_norm > 0) > 1)
    throw Error("INVALID_ARGUMENT", "the optimizer takes one of clipNorm, clipValue and globalClipNorm");
  if (d.ema_momentum) check_range("emaMomentum", *d.ema_momentum, 1);
  if (d.accumulation_steps == 0)
    throw Error("INVALID_ARGUMENT", "the optimizer's gradientAccumulationSteps is 0; it must be at least 1");
}

// Orders pieces by their relative position in their parameter. A worker's equal range of them is then the same share of
// each parameter: the one whose gradient it has summed and whose values it will read, so they are in its own caches.
std::vector<size_t> by_position(const std::vector<Piece>& pieces, const std::vector<Parameter>& parameters) {
  const auto position = [&](size_t i) {
    const Parameter& p = parameters[pieces[i].parameter];
    const size_t twice = 2 * (pieces[i].begin - p.offset) + pieces[i].floats;
    return static_cast<double>(twice) / static_cast<double>(p.stored);
  };
  std::vector<size_t> order(pieces.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return position(a) < position(b); });
  return order;
}

}  // namespace

Optimizer::Optimizer(const OptimizerDescription& description, size_t floats)
    : description_(description), rule_(make_update_rule(description)) {
  check_settings(description);
  if (description.schedule) {
    schedule_.emplace(*description.schedule);
    learning_rate_.store(NAN);
  } else {
    set_learning_rate(description.learning_rate);
  }
  for (const Slot& slot : rule_->slots()) {
    rule_slots_.emplace_back();
    if (!slot.name.empty()) rule_slots_.back() = add_slot(slot, floats);
  }
  if (description.accumulation_steps > 1) accumulated_ = add_slot({"accumulated"}, floats);
  if (description.ema_momentum) average_ = add_slot({"average"}, floats);
}

size_t Optimizer::add_slot(const Slot& slot, size_t floats) {
  slots_.emplace_back(floats * sizeof(float));
  initial_values_.push_back(slot.initial);
  slot_names_.push_back(slot.name);
  return slots_.size() - 1;
}

void Optimizer::fill_slots() {
  for (size_t i = 0; i < initial_values_.size(); ++i) {
    const size_t floats = slots_[i].bytes() / sizeof(float);
    if (initial_values_[i] != 0) std::fill_n(slots_[i].floats(), floats, initial_values_[i]);
  }
  initial_values_.clear();
}

void Optimizer::set_learning_rate(double rate) {
  check_range("learning rate", rate, INFINITY);
  learning_rate_.store(rate);
}

double Optimizer::learning_rate() const {
  const double rate = learning_rate_.load();
  return std::isnan(rate) ? schedule_->at(iterations) : rate;
}

void Optimizer::begin_step() {
  fill_slots();
  const uint64_t steps = description_.accumulation_steps;
  updates_ = (iterations + 1) % steps == 0;
  if (!updates_) return;
  const uint64_t update = iterations / steps + 1;
  const double rate = learning_rate();
  rule_->begin(rate, static_cast<double>(update));
  decay_ = static_cast<float>(description_.weight_decay * rate);
  first_update_ = update == 1;
  const uint64_t frequency = description_.ema_overwrite_frequency;
  overwrites_ = frequency > 0 && update % frequency == 0;
}

// Accumulates gradients. Before an update, replaces the gradient by the mean of all since the update before.
void Optimizer::accumulate(const Step& s, const Piece& piece) const {
  float* sum = slots_[*accumulated_].floats() + piece.begin;
  float* g = s.gradients + piece.begin;
  if (!updates_) return kernels().accumulate(g, sum, piece.floats);
  kernels().accumulate(sum, g, piece.floats);
  kernels().scale(g, g, piece.floats, 1.0f / static_cast<float>(description_.accumulation_steps));
  std::fill_n(sum, piece.floats, 0.0f);
}

void Optimizer::plan_accumulation(Plan& plan, const Pieces& pieces) const {
  if (!accumulated_) return;
  plan.pass({.node = "optimizer",
             .kind = "accumulation",
             .algorithm = "elementwise",
             .step_bytes = bytes_of(*pieces, 3)});  // the sum read and written, the gradient read
  plan.stage(
      {}, [pieces](const Step&) { return pieces->size(); },
      [this, pieces](const Step& s, size_t task, float*) { accumulate(s, (*pieces)[task]); });
}

// Plans clipping by norm. Returns the buffer of the factors of the pieces' gradients, or kNoBuffer without clipping.
BufferId Optimizer::plan_clipping(Plan& plan, const Pieces& pieces) const {
  const double by_weight = description_.clip_norm;
  const double limit = std::max(by_weight, description_.global_clip_norm);
  if (limit == 0) return kNoBuffer;
  plan.pass({.node = "optimizer", .kind = "norms", .algorithm = "elementwise", .step_bytes = bytes_of(*pieces, 1)});
  const size_t count = pieces->size();
  const BufferId factors = plan.workspace(0, count);
  const BufferId squares = plan.workspace(0, 2 * count);  // one double per piece
  plan.stage(
      {squares}, [this, count](const Step&) { return updates_ ? count : 0; },
      [=](const Step& s, size_t task, float*) {
        const Piece& piece = (*pieces)[task];
        kernels().sum_squares(s.gradients + piece.begin, piece.floats, reinterpret_cast<double*>(s.at(squares)) + task);
      });
  plan.stage(
      {squares, factors}, [this](const Step&) { return size_t{updates_}; },
      [=](const Step& s, size_t, float*) {
        const double* sums = reinterpret_cast<const double*>(s.at(squares));
        for (size_t first = 0, end = 0; first < count; first = end) {
          double sum = 0;
          const size_t parameter = (*pieces)[first].parameter;
          while (end < count && (by_weight == 0 || (*pieces)[end].parameter == parameter)) sum += sums[end++];
          std::fill(s.at(factors) + first, s.at(factors) + end,
                    static_cast<float>(limit / std::max(std::sqrt(sum), limit)));
        }
      });
  return factors;
}

void Optimizer::update(const Step& s, const Piece& piece, float* weights, float factor) const {
  const KernelTable& k = kernels();
  const size_t n = piece.floats;
  float* g = s.gradients + piece.begin;
  float* w = weights + piece.begin;
  if (factor != 1) k.scale(g, g, n, factor);
  if (description_.clip_value > 0) k.clip(g, n, static_cast<float>(description_.clip_value));
  if (decay_ != 0) k.decay(w, n, decay_);
  WeightPiece part;
  part.w = w;
  part.g = g;
  part.n = n;
  for (size_t i = 0; i < rule_slots_.size(); ++i) {
    if (rule_slots_[i]) part.slots[i] = slots_[*rule_slots_[i]].floats() + piece.begin;
  }
  rule_->update(part);
  if (!average_) return;
  float* mean = slots_[*average_].floats() + piece.begin;
  const double momentum = first_update_ ? 0 : *description_.ema_momentum;
  k.average(w, mean, n, static_cast<float>(momentum), static_cast<float>(1 - momentum));
  if (overwrites_) std::copy_n(mean, n, w);
}

void Optimizer::plan(Plan& plan, float* weights, const std::vector<Parameter>& parameters) const {
  const auto pieces = std::make_shared<const std::vector<Piece>>(
      cut_into_pieces(parameters, [](const Parameter& p) { return p.trainable; }));
  plan_accumulation(plan, pieces);
  const BufferId factors = plan_clipping(plan, pieces);
  // Weights and slots are read and written, gradients are read.
  const size_t arrays = 3 + 2 * (slots_.size() - (accumulated_ ? 1 : 0));
  plan.pass(
      {.node = "optimizer", .kind = "update", .algorithm = description_.kind, .step_bytes = bytes_of(*pieces, arrays)});
  plan.stage(
      {factors}, [this, pieces](const Step&) { return updates_ ? pieces->size() : 0; },
      [=, this, order = by_position(*pieces, parameters)](const Step& s, size_t task, float*) {
        const size_t piece = order[task];
        update(s, (*pieces)[piece], weights, factors == kNoBuffer ? 1.0f : s.at(factors)[piece]);
      });
  plan_constraints(plan, weights, parameters, [this] { return updates_; });
}

}  // namespace convforge
