#include "program/state.h"

#include <algorithm>
#include <utility>

#include "runtime/error.h"

namespace convforge {
namespace {

size_t count_floats(const std::vector<Parameter>& parameters) {
  size_t floats = 0;
  for (const Parameter& parameter : parameters) floats += parameter.stored;
  return floats;
}

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
State::Arrays State::unpack(const float* storage) const {
  Arrays arrays;
  for (const Parameter& parameter : parameters_) {
    arrays.emplace_back(static_cast<size_t>(parameter.size));
    parameter.unpack(storage + parameter.offset, arrays.back().data());
  }
  return arrays;
}

State::Arrays State::read_gradients() const {
  Arrays arrays = unpack(gradients_.floats());
  for (size_t i = 0; i < arrays.size(); ++i) {
    // An op with some trainable parameters may write here for the others.
    if (!parameters_[i].trainable) std::fill(arrays[i].begin(), arrays[i].end(), 0.0f);
  }
  return arrays;
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

void State::check_arrays(const Arrays& arrays, const std::string& what) const {
  if (arrays.size() != parameters_.size()) {
    throw Error("SHAPE_MISMATCH", what + "the model has " + std::to_string(parameters_.size()) + " weights, not " +
                                      std::to_string(arrays.size()));
  }
  for (size_t i = 0; i < arrays.size(); ++i) {
    if (arrays[i].size() == static_cast<size_t>(parameters_[i].size)) continue;
    throw Error("SHAPE_MISMATCH", what + parameters_[i].name + ": has " + std::to_string(parameters_[i].size) +
                                      " values, not " + std::to_string(arrays[i].size()));
  }
}

}  // namespace convforge
