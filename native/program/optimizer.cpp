#include "program/optimizer.h"

#include <algorithm>
#include <cmath>

#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

constexpr size_t kFloatsPerTask = 16384;

// Of the weights that a task updates.
struct Range {
  size_t begin;
  size_t end;
};

void check_range(const char* name, double value, double below) {
  if (value >= 0 && value < below) return;
  throw Error("INVALID_ARGUMENT", std::string("the optimizer's ") + name + " is " + format_number(value) +
                                      "; it takes finite values of at least 0" + (below == 1 ? " and below 1" : ""));
}

}  // namespace

Optimizer::Optimizer(const OptimizerDescription& description, size_t floats) : description_(description) {
  set_learning_rate(description.learning_rate);
  if (description.kind == "adam") {
    check_range("beta1", description.beta1, 1);
    check_range("beta2", description.beta2, 1);
    check_range("epsilon", description.epsilon, INFINITY);
    slot_names_ = {"m", "v"};
  } else if (description.kind == "sgd") {
    check_range("momentum", description.momentum, INFINITY);
    if (description.momentum > 0) slot_names_ = {"momentum"};
  } else {
    throw Error("UNSUPPORTED", "there is no optimizer '" + description.kind + "'");
  }
  for (size_t i = 0; i < slot_names_.size(); ++i) slots_.emplace_back(floats * sizeof(float));
}

void Optimizer::set_learning_rate(double rate) {
  check_range("learning rate", rate, INFINITY);
  learning_rate_.store(rate);
}

void Optimizer::update(const Step& s, float* weights, size_t begin, size_t end) const {
  const double rate = learning_rate();
  if (description_.kind == "adam") {
    const double t = static_cast<double>(s.iteration) + 1;
    Adam a;
    a.w = weights + begin;
    a.g = s.gradients + begin;
    a.m = slots_[0].floats() + begin;
    a.v = slots_[1].floats() + begin;
    a.n = end - begin;
    a.rate = static_cast<float>(rate * std::sqrt(1 - std::pow(description_.beta2, t)) /
                                (1 - std::pow(description_.beta1, t)));
    a.beta1 = static_cast<float>(description_.beta1);
    a.beta2 = static_cast<float>(description_.beta2);
    a.one_minus_beta1 = static_cast<float>(1 - description_.beta1);
    a.one_minus_beta2 = static_cast<float>(1 - description_.beta2);
    a.epsilon = static_cast<float>(description_.epsilon);
    kernels().adam(a);
    return;
  }
  Sgd g;
  g.w = weights + begin;
  g.g = s.gradients + begin;
  g.velocity = slots_.empty() ? nullptr : slots_[0].floats() + begin;
  g.n = end - begin;
  g.rate = static_cast<float>(rate);
  g.momentum = static_cast<float>(description_.momentum);
  g.nesterov = description_.nesterov;
  kernels().sgd(g);
}

void Optimizer::plan(Plan& plan, float* weights, const std::vector<Parameter>& parameters) const {
  std::vector<Range> ranges;
  size_t floats = 0;
  for (const Parameter& p : parameters) {
    if (!p.trainable) continue;
    for (size_t first = 0; first < p.stored; first += kFloatsPerTask)
      ranges.push_back({p.offset + first, p.offset + std::min(first + kFloatsPerTask, p.stored)});
    floats += p.stored;
  }
  // Weights and slots are read and written, gradients read.
  const double bytes = static_cast<double>((3 + 2 * slots_.size()) * floats * sizeof(float));
  plan.pass({.node = "optimizer", .kind = "update", .algorithm = description_.kind, .step_bytes = bytes});
  plan.stage(
      {}, [tasks = ranges.size()](const Step&) { return tasks; },
      [this, weights, ranges](const Step& s, size_t task, float*) {
        update(s, weights, ranges[task].begin, ranges[task].end);
      });
}

}  // namespace convforge
