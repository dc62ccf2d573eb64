#include "program/state.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "runtime/error.h"

namespace convforge {
namespace {

size_t count_floats(const std::vector<Parameter>& parameters) {
  size_t floats = 0;
  for (const Parameter& parameter : parameters) floats += parameter.stored;
  return floats;
}

bool has_iterations(const StagedValues& values) { return values.iterations.has_value(); }

}  // namespace

State::State(std::vector<Parameter> parameters, const OptimizerDescription* optimizer, size_t gradient_floats)
    : parameters_(std::move(parameters)),
      weights_(count_floats(parameters_) * sizeof(float)),
      gradient_floats_(gradient_floats) {
  if (!optimizer) return;
  gradients_ = Memory(gradient_floats * sizeof(float));
  optimizer_ = std::make_unique<Optimizer>(*optimizer, count_floats(parameters_));
  optimizer_kind_ = optimizer->kind;
}

void State::check_shareable(const std::vector<Parameter>& parameters, const OptimizerDescription* optimizer,
                            size_t gradient_floats) const {
  const auto fail = [](const std::string& problem) {
    throw Error("INVALID_ARGUMENT", "programs that share weights may differ only in their shapes: " + problem);
  };
  if (parameters.size() != parameters_.size())
    fail(std::to_string(parameters.size()) + " weights can't be " + std::to_string(parameters_.size()));
  for (size_t i = 0; i < parameters.size(); ++i) {
    const Parameter& own = parameters_[i];
    const Parameter& other = parameters[i];
    const bool alike = own.name == other.name && own.shape == other.shape && own.trainable == other.trainable &&
                       own.offset == other.offset && own.gradient == other.gradient;
    if (!alike)
      fail(other.name + " of shape " + to_string(other.shape) + " can't be " + own.name + " of shape " +
           to_string(own.shape));
  }
  if ((optimizer ? optimizer->kind : "") != optimizer_kind_) fail("their optimizers differ");
  if (gradient_floats != gradient_floats_) fail("layers are used more often in one of them");
}

Optimizer& State::optimizer() {
  if (!optimizer_) throw Error("NOT_COMPILED", "this model has no loss and optimizer yet; call compile first");
  return *optimizer_;
}

// Works for gradients, too: each parameter's own gradient has the same offset as its weights.
void State::unpack(const float* storage, const std::vector<float*>& to) const {
  for (size_t i = 0; i < to.size(); ++i) parameters_[i].unpack(storage + parameters_[i].offset, to[i]);
}

void State::read_gradients(const std::vector<float*>& to) const {
  unpack(gradients_.floats(), to);
  for (size_t i = 0; i < to.size(); ++i) {
    // An op with some trainable parameters may write here for the others.
    if (!parameters_[i].trainable) std::fill_n(to[i], parameters_[i].size, 0.0f);
  }
}

void State::write_gradient(size_t parameter, const float* values) {
  if (!parameters_[parameter].trainable) return;
  parameters_[parameter].pack(values, gradients_.floats() + parameters_[parameter].gradient);
}

void State::write_weight(size_t parameter, const float* values) {
  parameters_[parameter].pack(values, weights_.floats() + parameters_[parameter].offset);
  weights_changed();
}

void State::write_slot(size_t slot, size_t parameter, const float* values) {
  parameters_[parameter].pack(values, optimizer().slot(slot) + parameters_[parameter].offset);
}

void State::check_lengths(const std::vector<size_t>& lengths, const std::string& what) const {
  if (lengths.size() != parameters_.size()) {
    throw Error("SHAPE_MISMATCH", what + "the model has " + std::to_string(parameters_.size()) + " weights, not " +
                                      std::to_string(lengths.size()));
  }
  for (size_t i = 0; i < lengths.size(); ++i) {
    if (lengths[i] == static_cast<size_t>(parameters_[i].size)) continue;
    throw Error("SHAPE_MISMATCH", what + parameters_[i].name + ": has " + std::to_string(parameters_[i].size) +
                                      " values, not " + std::to_string(lengths[i]));
  }
}

void State::write(const StagedValues& values) {
  for (size_t i = 0; values.weights && i < values.weights->size(); ++i) write_weight(i, (*values.weights)[i]->f32(0));
  if (values.iterations) optimizer().iterations = *values.iterations;
  for (size_t slot = 0; slot < values.slots.size(); ++slot) {
    for (size_t i = 0; i < values.slots[slot].size(); ++i) write_slot(slot, i, values.slots[slot][i]->f32(0));
  }
}

template <typename Has>
const StagedValues* State::last_staged(Has&& has) const {
  const auto found = std::find_if(staged_.rbegin(), staged_.rend(), [&](const StagedValues* s) { return has(*s); });
  return found == staged_.rend() ? nullptr : *found;
}

uint64_t State::read_newest(const StateArrays& to) {
  const std::lock_guard lock(mutex);
  // Copies of the lists, not of the values: who stages values or asks for the number of steps mustn't wait for the
  // rest.
  std::optional<StagedValues> weights, slots;
  {
    const std::lock_guard staged_lock(staged_mutex_);
    const auto has_weights = [](const StagedValues& values) { return values.weights.has_value(); };
    if (const StagedValues* staged = last_staged(has_weights)) weights = *staged;
    if (const StagedValues* staged = last_staged(has_iterations)) slots = *staged;
  }
  const auto copy = [](const StagedValues::Sets& from, const std::vector<float*>& arrays) {
    for (size_t i = 0; i < arrays.size(); ++i) std::copy_n(from[i]->f32(0), from[i]->elements(), arrays[i]);
  };
  if (weights) {
    copy(*weights->weights, to.weights);
  } else {
    read_weights(to.weights);
  }
  if (!optimizer_) return 0;
  for (size_t slot = 0; slot < to.slots.size(); ++slot) {
    if (slots) {
      copy(slots->slots[slot], to.slots[slot]);
    } else {
      read_slot(slot, to.slots[slot]);
    }
  }
  return slots ? *slots->iterations : optimizer_->iterations.load();
}

uint64_t State::newest_iterations() {
  const std::lock_guard lock(staged_mutex_);
  const StagedValues* staged = last_staged(has_iterations);
  return staged ? *staged->iterations : optimizer().iterations.load();
}

void State::stage(const StagedValues* values) {
  const std::lock_guard lock(staged_mutex_);
  staged_.push_back(values);
}

void State::unstage(const StagedValues* values) {
  const std::lock_guard lock(staged_mutex_);
  std::erase(staged_, values);
}

}  // namespace convforge
