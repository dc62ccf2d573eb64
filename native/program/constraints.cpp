#include "program/constraints.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <utility>

#include "program/pieces.h"
#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

constexpr double kMaxNorm = 1e30;

bool has_axis(const ConstraintDescription& c, size_t axis) {
  return std::find(c.axes.begin(), c.axes.end(), static_cast<int64_t>(axis)) != c.axes.end();
}

// The rows of a parameter's matrix, grouped by shared norm: their offsets in a panel, group after group. All groups
// have the same size.
struct RowGroups {
  std::vector<int32_t> rows;
  int count = 0;  // rows of a group
  size_t groups() const { return rows.size() / static_cast<size_t>(count); }
};

RowGroups group_rows(const Parameter& p) {
  // Groups rows by their indices along the axes that the norm doesn't sum over, combined into one number.
  std::map<int64_t, std::vector<int32_t>> groups;
  for (int64_t row = 0; row < p.rows(); ++row) {
    int64_t rest = row;
    int64_t key = 0;
    int64_t scale = 1;
    for (size_t axis = p.shape.size() - 1; axis-- > 0;) {
      if (!has_axis(*p.constraint, axis)) {
        key += rest % p.shape[axis] * scale;
        scale *= p.shape[axis];
      }
      rest /= p.shape[axis];
    }
    groups[key].push_back(static_cast<int32_t>(row * kPanel));
  }
  RowGroups result;
  for (const auto& [key, rows] : groups) result.rows.insert(result.rows.end(), rows.begin(), rows.end());
  result.count = static_cast<int>(result.rows.size() / groups.size());
  return result;
}

void plan_norm(Plan& plan, float* weights, const Parameter& p, const std::function<bool()>& applies) {
  const auto groups = std::make_shared<RowGroups>(group_rows(p));
  const size_t panels = p.stored / static_cast<size_t>(p.rows() * kPanel);
  NormConstraint bound;
  bound.count = groups->count;
  bound.panel = static_cast<ptrdiff_t>(p.rows() * kPanel);
  bound.across = has_axis(*p.constraint, p.shape.size() - 1);
  bound.panels = bound.across ? panels : 1;
  bound.minimum = static_cast<float>(p.constraint->minimum);
  bound.maximum = static_cast<float>(p.constraint->maximum);
  bound.rate = static_cast<float>(p.constraint->rate);
  const size_t units = groups->groups() * (bound.across ? 1 : panels);
  const size_t floats = static_cast<size_t>(groups->count) * kPanel * bound.panels;
  const size_t units_per_task = std::max<size_t>(1, kPieceFloats / floats);
  plan.stage(
      {}, [=](const Step&) { return applies() ? ceil_div(units, units_per_task) : 0; },
      [=, offset = p.offset](const Step&, size_t task, float*) {
        NormConstraint b = bound;
        const size_t end = std::min((task + 1) * units_per_task, units);
        for (size_t unit = task * units_per_task; unit < end; ++unit) {
          b.w = weights + offset + unit / groups->groups() * static_cast<size_t>(b.panel);
          b.rows = groups->rows.data() + unit % groups->groups() * static_cast<size_t>(b.count);
          kernels().constrain_norms(b);
        }
      });
}

void plan_non_negative(Plan& plan, float* weights, const Parameter& p, const std::function<bool()>& applies) {
  plan.stage(
      {}, [applies, floats = p.stored](const Step&) { return applies() ? ceil_div(floats, kPieceFloats) : 0; },
      [weights, offset = p.offset, floats = p.stored](const Step&, size_t task, float*) {
        const size_t first = task * kPieceFloats;
        kernels().clip_negative(weights + offset + first, std::min(kPieceFloats, floats - first));
      });
}

}  // namespace

void check_constraint(const Parameter& parameter, const std::string& layer) {
  if (!parameter.constraint || parameter.constraint->kind == "nonNeg") return;
  const ConstraintDescription& c = *parameter.constraint;
  if (c.kind != "norm") {
    throw Error("UNSUPPORTED", parameter.name + ": there is no constraint '" + c.kind + "'", layer);
  }
  const bool bounds = c.minimum >= 0 && c.minimum <= c.maximum && c.maximum <= kMaxNorm && c.rate >= 0 && c.rate <= 1;
  if (!bounds) {
    throw Error("INVALID_ARGUMENT",
                parameter.name + ": a constraint's norms are 0 <= minimum <= maximum <= 1e30, its rate in [0, 1]",
                layer);
  }
  bool fits = !c.axes.empty();
  for (const int64_t axis : c.axes) fits = fits && axis >= 0 && axis < static_cast<int64_t>(parameter.shape.size());
  if (fits) return;
  throw Error("INVALID_ARGUMENT",
              parameter.name + ": a constraint's axes are one or more of the " +
                  std::to_string(parameter.shape.size()) + " of the shape " + to_string(parameter.shape),
              layer);
}

void plan_constraints(Plan& plan, float* weights, const std::vector<Parameter>& parameters,
                      const std::function<bool()>& applies) {
  size_t floats = 0;
  for (const Parameter& p : parameters) floats += p.trainable && p.constraint ? p.stored : 0;
  if (floats == 0) return;
  plan.pass({.node = "optimizer",
             .kind = "constraint",
             .algorithm = "elementwise",
             .step_bytes = static_cast<double>(2 * floats * sizeof(float))});
  for (const Parameter& p : parameters) {
    if (!p.trainable || !p.constraint) continue;
    if (p.constraint->kind == "nonNeg") {
      plan_non_negative(plan, weights, p, applies);
    } else {
      plan_norm(plan, weights, p, applies);
    }
  }
}

}  // namespace convforge
