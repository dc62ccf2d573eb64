#include "program/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "runtime/error.h"

namespace convforge {
namespace {

using Formula = std::function<double(double)>;

// Reads a schedule's attributes. All methods throw Error INVALID_ARGUMENT.
class Attributes {
 public:
  explicit Attributes(const ScheduleDescription& description) : description_(description) {}

  // A finite number of at least `minimum`.
  double number(const std::string& key, double minimum = 0) const {
    const double value = as<double>(key, "a number");
    if (value >= minimum && std::isfinite(value)) return value;
    refuse(key, "finite values of at least " + format_number(minimum));
  }
  // A number of steps above 0.
  double steps(const std::string& key) const {
    const double value = number(key);
    if (value > 0) return value;
    refuse(key, "values above 0");
  }
  bool has(const std::string& key) const { return description_.attributes.count(key) != 0; }
  bool flag(const std::string& key) const { return as<bool>(key, "true or false"); }
  // Finite numbers of at least 0.
  const std::vector<double>& numbers(const std::string& key) const {
    const auto& values = as<std::vector<double>>(key, "a list of numbers");
    for (const double value : values) {
      if (!(value >= 0) || !std::isfinite(value)) refuse(key, "finite values of at least 0");
    }
    return values;
  }
  [[noreturn]] void refuse(const std::string& key, const std::string& expected) const {
    throw Error("INVALID_ARGUMENT", "the schedule " + description_.kind + ": " + key + " takes " + expected);
  }

 private:
  template <typename Type>
  const Type& as(const std::string& key, const char* type) const {
    const auto found = description_.attributes.find(key);
    const Type* value = found == description_.attributes.end() ? nullptr : std::get_if<Type>(&found->second);
    if (!value) refuse(key, type);
    return *value;
  }

  const ScheduleDescription& description_;
};

// Cosine decay from 1 at progress 0 to `alpha` at progress 1.
double cosine(double progress, double alpha) {
  return (1 - alpha) * (0.5 * (1 + std::cos(std::numbers::pi * progress))) + alpha;
}

Formula exponential_decay(const Attributes& a) {
  const double initial = a.number("initialLearningRate");
  const double steps = a.steps("decaySteps");
  const double rate = a.number("decayRate");
  const bool staircase = a.flag("staircase");
  return [=](double step) {
    const double progress = step / steps;
    return initial * std::pow(rate, staircase ? std::floor(progress) : progress);
  };
}

Formula inverse_time_decay(const Attributes& a) {
  const double initial = a.number("initialLearningRate");
  const double steps = a.steps("decaySteps");
  const double rate = a.number("decayRate");
  const bool staircase = a.flag("staircase");
  return [=](double step) {
    const double progress = step / steps;
    return initial / (1 + rate * (staircase ? std::floor(progress) : progress));
  };
}

Formula polynomial_decay(const Attributes& a) {
  const double initial = a.number("initialLearningRate");
  const double steps = a.steps("decaySteps");
  const double end = a.number("endLearningRate");
  const double power = a.number("power");
  const bool cycle = a.flag("cycle");
  return [=](double step) {
    const double whole = cycle ? steps * std::max(1.0, std::ceil(step / steps)) : steps;
    return (initial - end) * std::pow(1 - std::min(step, whole) / whole, power) + end;
  };
}

Formula cosine_decay(const Attributes& a) {
  const double initial = a.number("initialLearningRate");
  const double steps = a.steps("decaySteps");
  const double alpha = a.number("alpha");
  const double warmup = a.number("warmupSteps");
  const double target = a.has("warmupTarget") ? a.number("warmupTarget") : initial;
  return [=](double step) {
    if (step < warmup) return initial + (target - initial) * (step / warmup);
    return target * cosine(std::min(step - warmup, steps) / steps, alpha);
  };
}

Formula cosine_decay_restarts(const Attributes& a) {
  const double initial = a.number("initialLearningRate");
  const double first = a.steps("firstDecaySteps");
  const double t_mul = a.number("tMul", 1);
  const double m_mul = a.number("mMul");
  const double alpha = a.number("alpha");
  return [=](double step) {
    const double done = step / first;
    double period = std::floor(done);
    double progress = done - period;
    if (t_mul != 1) {
      period = std::floor(std::log(1 - done * (1 - t_mul)) / std::log(t_mul));
      const double before = (1 - std::pow(t_mul, period)) / (1 - t_mul);
      progress = (done - before) / std::pow(t_mul, period);
    }
    const double height = std::pow(m_mul, period) * (0.5 * (1 + std::cos(std::numbers::pi * progress)));
    return initial * ((1 - alpha) * height + alpha);
  };
}

Formula piecewise_constant_decay(const Attributes& a) {
  const std::vector<double> boundaries = a.numbers("boundaries");
  const std::vector<double> values = a.numbers("values");
  if (values.size() != boundaries.size() + 1) a.refuse("values", "one value more than there are boundaries");
  if (!std::is_sorted(boundaries.begin(), boundaries.end())) a.refuse("boundaries", "rising values");
  return [=](double step) {
    const auto next = std::lower_bound(boundaries.begin(), boundaries.end(), step);
    return values[static_cast<size_t>(next - boundaries.begin())];
  };
}

Formula one_cycle(const Attributes& a) {
  const double maximum = a.number("maxLearningRate");
  const double start = maximum / a.number("divFactor", 1);
  const double end = start / a.number("finalDivFactor", 1);
  const double steps = a.steps("totalSteps");
  const double top = a.number("pctStart") * steps - 1;
  const double last = steps - 1;
  if (top > last) a.refuse("pctStart", "values of at most 1");
  const auto between = [](double from, double to, double progress) {
    return to + (from - to) * (0.5 * (1 + std::cos(std::numbers::pi * progress)));
  };
  return [=](double step) {
    if (step >= last) return end;
    return step <= top ? between(start, maximum, top > 0 ? step / top : 1)
                       : between(maximum, end, (step - std::max(top, 0.0)) / (last - std::max(top, 0.0)));
  };
}

}  // namespace

Schedule::Schedule(const ScheduleDescription& description) {
  const std::map<std::string, Formula (*)(const Attributes&)> kinds = {
      {"exponentialDecay", exponential_decay},
      {"inverseTimeDecay", inverse_time_decay},
      {"polynomialDecay", polynomial_decay},
      {"cosineDecay", cosine_decay},
      {"cosineDecayRestarts", cosine_decay_restarts},
      {"piecewiseConstantDecay", piecewise_constant_decay},
      {"oneCycle", one_cycle}};
  const auto found = kinds.find(description.kind);
  if (found == kinds.end()) throw Error("UNSUPPORTED", "there is no schedule '" + description.kind + "'");
  formula_ = found->second(Attributes(description));
}

}  // namespace convforge
