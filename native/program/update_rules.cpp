#include "program/update_rules.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <functional>
#include <map>
#include <utility>

#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

// An update rule that calls one kernel. `begin` sets the arguments that depend on the step.
template <typename Arguments>
class KernelRule : public UpdateRule {
 public:
  using Kernel = void (*KernelTable::*)(const Arguments&);
  using Begin = std::function<void(Arguments&, double rate, double t)>;

  KernelRule(Kernel kernel, Arguments arguments, std::vector<Slot> slots, Begin begin)
      : kernel_(kernel), arguments_(arguments), begin_(std::move(begin)) {
    slots_ = std::move(slots);
  }

  void begin(double rate, double t) override { begin_(arguments_, rate, t); }

  void update(const WeightPiece& piece) const override {
    Arguments arguments = arguments_;
    static_cast<WeightPiece&>(arguments) = piece;
    (kernels().*kernel_)(arguments);
  }

 private:
  Kernel kernel_;
  Arguments arguments_;
  Begin begin_;
};

template <typename Arguments>
std::unique_ptr<UpdateRule> rule(typename KernelRule<Arguments>::Kernel kernel, const Arguments& arguments,
                                 std::vector<Slot> slots, typename KernelRule<Arguments>::Begin begin) {
  return std::make_unique<KernelRule<Arguments>>(kernel, arguments, std::move(slots), std::move(begin));
}

float below_one(const char* name, double value) {
  check_range(name, value, 1);
  return static_cast<float>(value);
}

// Reads epsilon, which must be above 0 as a float, too: the padding of weights has zero gradients, and 0 / 0 would be
// NaN.
float epsilon_of(const OptimizerDescription& d) {
  check_range("epsilon", d.epsilon, INFINITY);
  if (d.epsilon >= FLT_MIN) return static_cast<float>(d.epsilon);
  throw Error("INVALID_ARGUMENT",
              "the optimizer's epsilon is " + format_number(d.epsilon) + "; it must be at least 1.2e-38");
}

// Arguments with beta1, beta2, one minus each, and epsilon.
template <typename Arguments>
Arguments with_betas(const OptimizerDescription& d) {
  Arguments a;
  a.beta1 = below_one("beta1", d.beta1);
  a.beta2 = below_one("beta2", d.beta2);
  a.one_minus_beta1 = static_cast<float>(1 - d.beta1);
  if constexpr (requires { a.one_minus_beta2; }) a.one_minus_beta2 = static_cast<float>(1 - d.beta2);
  if constexpr (requires { a.epsilon; }) a.epsilon = epsilon_of(d);
  return a;
}

// Arguments with rho, one minus rho, and epsilon.
template <typename Arguments>
Arguments with_rho(const OptimizerDescription& d) {
  Arguments a;
  a.rho = below_one("rho", d.rho);
  a.one_minus_rho = static_cast<float>(1 - d.rho);
  a.epsilon = epsilon_of(d);
  return a;
}

template <typename Arguments>
void set_rate(Arguments& a, double rate, double) {
  a.rate = static_cast<float>(rate);
}

std::unique_ptr<UpdateRule> make_sgd(const OptimizerDescription& d) {
  check_range("momentum", d.momentum, INFINITY);
  Sgd a;
  a.momentum = static_cast<float>(d.momentum);
  a.nesterov = d.nesterov;
  return rule<Sgd>(&KernelTable::sgd, a, d.momentum > 0 ? std::vector<Slot>{{"momentum"}} : std::vector<Slot>{},
                   set_rate<Sgd>);
}

std::unique_ptr<UpdateRule> make_adam(const OptimizerDescription& d) {
  std::vector<Slot> slots = {{"m"}, {"v"}};
  if (d.amsgrad) slots.push_back({"vhat"});
  return rule<Adam>(&KernelTable::adam, with_betas<Adam>(d), std::move(slots),
                    [beta1 = d.beta1, beta2 = d.beta2](Adam& a, double rate, double t) {
                      a.rate = static_cast<float>(rate * std::sqrt(1 - std::pow(beta2, t)) / (1 - std::pow(beta1, t)));
                    });
}

std::unique_ptr<UpdateRule> make_adamax(const OptimizerDescription& d) {
  return rule<Adamax>(&KernelTable::adamax, with_betas<Adamax>(d), {{"m"}, {"u"}},
                      [beta1 = d.beta1](Adamax& a, double rate, double t) {
                        a.rate = static_cast<float>(rate / (1 - std::pow(beta1, t)));
                      });
}

// Nadam's momentum schedule. It rises to beta1, which it has reached in double precision after 1000 steps.
class MomentumSchedule {
 public:
  explicit MomentumSchedule(double beta1) : beta1_(beta1) {
    for (size_t t = 1; t <= kSteps; ++t) products_.push_back(products_.back() * at(static_cast<double>(t)));
  }

  double at(double t) const { return beta1_ * (1 - 0.5 * std::pow(0.96, t)); }
  // The product of the momenta of steps 1 to t.
  double product(double t) const {
    const double listed = std::min(t, static_cast<double>(kSteps));
    return products_[static_cast<size_t>(listed)] * std::pow(beta1_, t - listed);
  }

 private:
  static constexpr size_t kSteps = 1000;
  double beta1_;
  std::vector<double> products_ = {1.0};
};

std::unique_ptr<UpdateRule> make_nadam(const OptimizerDescription& d) {
  const Nadam arguments = with_betas<Nadam>(d);
  return rule<Nadam>(&KernelTable::nadam, arguments, {{"m"}, {"v"}},
                     [momenta = MomentumSchedule(d.beta1), beta2 = d.beta2](Nadam& a, double rate, double t) {
                       const double now = momenta.at(t);
                       const double next = momenta.at(t + 1);
                       a.mean_rate = static_cast<float>(rate * next / (1 - momenta.product(t + 1)));
                       a.gradient_rate = static_cast<float>(rate * (1 - now) / (1 - momenta.product(t)));
                       a.square_scale = static_cast<float>(1 / (1 - std::pow(beta2, t)));
                     });
}

std::unique_ptr<UpdateRule> make_rmsprop(const OptimizerDescription& d) {
  check_range("momentum", d.momentum, INFINITY);
  RmsProp a = with_rho<RmsProp>(d);
  a.momentum = static_cast<float>(d.momentum);
  std::vector<Slot> slots = {{"rms"}};
  if (d.momentum > 0 || d.centered) slots.push_back({d.momentum > 0 ? "momentum" : ""});
  if (d.centered) slots.push_back({"mg"});
  return rule<RmsProp>(&KernelTable::rmsprop, a, std::move(slots), set_rate<RmsProp>);
}

std::unique_ptr<UpdateRule> make_adagrad(const OptimizerDescription& d) {
  check_range("initialAccumulatorValue", d.initial_accumulator, INFINITY);
  Adagrad a;
  a.epsilon = epsilon_of(d);
  return rule<Adagrad>(&KernelTable::adagrad, a, {{"accumulator", static_cast<float>(d.initial_accumulator)}},
                       set_rate<Adagrad>);
}

std::unique_ptr<UpdateRule> make_adadelta(const OptimizerDescription& d) {
  return rule<Adadelta>(&KernelTable::adadelta, with_rho<Adadelta>(d), {{"accumGrad"}, {"accumVar"}},
                        set_rate<Adadelta>);
}

std::unique_ptr<UpdateRule> make_lion(const OptimizerDescription& d) {
  return rule<Lion>(&KernelTable::lion, with_betas<Lion>(d), {{"m"}}, set_rate<Lion>);
}

}  // namespace

void check_range(const char* name, double value, double below) {
  if (value >= 0 && value < below) return;
  throw Error("INVALID_ARGUMENT", std::string("the optimizer's ") + name + " is " + format_number(value) +
                                      "; it takes finite values of at least 0" + (below == 1 ? " and below 1" : ""));
}

std::unique_ptr<UpdateRule> make_update_rule(const OptimizerDescription& description) {
  const std::map<std::string, std::unique_ptr<UpdateRule> (*)(const OptimizerDescription&)> kinds = {
      {"sgd", make_sgd},         {"adam", make_adam},       {"adamax", make_adamax},     {"nadam", make_nadam},
      {"rmsprop", make_rmsprop}, {"adagrad", make_adagrad}, {"adadelta", make_adadelta}, {"lion", make_lion}};
  const auto found = kinds.find(description.kind);
  if (found == kinds.end()) throw Error("UNSUPPORTED", "there is no optimizer '" + description.kind + "'");
  return found->second(description);
}

}  // namespace convforge
