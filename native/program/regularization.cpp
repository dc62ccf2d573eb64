#include "program/regularization.h"

#include <cmath>
#include <memory>

#include "program/pieces.h"
#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

double penalty(const RegularizerDescription& r, const float* w, size_t floats) {
  double absolutes = 0;
  double squares = 0;
  if (r.l1 != 0) kernels().sum_absolutes(w, floats, &absolutes);
  if (r.l2 != 0) kernels().sum_squares(w, floats, &squares);
  return r.l1 * absolutes + r.l2 * squares;
}

}  // namespace

void check_regularizer(const Parameter& parameter, const std::string& layer) {
  if (!parameter.regularizer) return;
  for (const double factor : {parameter.regularizer->l1, parameter.regularizer->l2}) {
    if (factor >= 0 && std::isfinite(factor)) continue;
    throw Error("INVALID_ARGUMENT",
                parameter.name + ": a regularizer's factor is " + format_number(factor) +
                    "; it takes finite values of at least 0",
                layer);
  }
}

void plan_regularization(Plan& plan, const float* weights, const std::vector<Parameter>& parameters, bool training) {
  struct Term {
    Piece piece;
    RegularizerDescription by;
  };
  const std::vector<Piece> pieces =
      cut_into_pieces(parameters, [](const Parameter& p) { return p.trainable && p.regularizer; });
  if (pieces.empty()) return;
  const auto terms = std::make_shared<std::vector<Term>>();
  for (const Piece& piece : pieces) terms->push_back({piece, *parameters[piece.parameter].regularizer});
  const double bytes = static_cast<double>(count_floats(pieces) * sizeof(float)) * (training ? 3 : 1);
  plan.pass({.node = "regularizers", .kind = "loss", .algorithm = "elementwise", .step_bytes = bytes});
  // One double per piece.
  const BufferId sums = plan.lasting_workspace(2 * terms->size());
  const auto tasks = [count = terms->size()](const Step&) { return count; };
  const auto sum = [=](const Step& s, size_t task, float*) {
    const Term& term = (*terms)[task];
    const float* w = weights + term.piece.begin;
    reinterpret_cast<double*>(s.at(sums))[task] = penalty(term.by, w, term.piece.floats);
    if (!training) return;
    kernels().regularize(w, s.gradients + term.piece.begin, term.piece.floats, static_cast<float>(term.by.l1),
                         static_cast<float>(2 * term.by.l2));
  };
  if (training) {
    plan.stage({sums}, tasks, sum);
  } else {
    plan.weights_stage({sums}, tasks, sum);
  }
  plan.stage(
      {sums}, [](const Step&) { return size_t{1}; },
      [=](const Step& s, size_t, float*) {
        double loss = 0;
        for (size_t i = 0; i < terms->size(); ++i) loss += reinterpret_cast<const double*>(s.at(sums))[i];
        s.totals->loss += loss * s.batch;
        if (s.totals->first_non_finite < 0 && !std::isfinite(loss)) s.totals->first_non_finite = s.totals->batches - 1;
      });
}

}  // namespace convforge
