// The ops binary and operand: functions of two values, and of a value and a constant.
#include <algorithm>
#include <cmath>
#include <string>

#include "ops/activation.h"
#include "ops/broadcasting.h"
#include "runtime/denormals.h"
#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

struct BinaryName {
  const char* name;
  Binary kind;
};

constexpr BinaryName kBinaryNames[] = {
    {"add", Binary::kAdd},
    {"subtract", Binary::kSubtract},
    {"multiply", Binary::kMultiply},
    {"divide", Binary::kDivide},
    {"power", Binary::kPower},
    {"maximum", Binary::kMaximum},
    {"minimum", Binary::kMinimum},
    {"squaredDifference", Binary::kSquaredDifference},
    {"modulo", Binary::kModulo},
    {"floorDivide", Binary::kFloorDivide},
    {"less", Binary::kLess},
    {"lessEqual", Binary::kLessEqual},
    {"greater", Binary::kGreater},
    {"greaterEqual", Binary::kGreaterEqual},
    {"equal", Binary::kEqual},
    {"notEqual", Binary::kNotEqual},
    {"logicalAnd", Binary::kLogicalAnd},
    {"logicalOr", Binary::kLogicalOr},
    {"logicalXor", Binary::kLogicalXor},
};

Binary read_binary(const NodeDescription& node) {
  const std::string name = node.text("kind");
  const auto* found = std::find_if(std::begin(kBinaryNames), std::end(kBinaryNames),
                                   [&](const BinaryName& k) { return name == k.name; });
  if (found == std::end(kBinaryNames)) {
    throw Error("UNSUPPORTED", node.name + ": there is no function '" + name + "' of two values", node.name);
  }
  return found->kind;
}

// A function of a left and a right side, each repeated to fill the output.
class TwoSidedOp : public Op {
 public:
  TwoSidedOp(const NodeDescription& node, const Shape& in, const std::vector<Shape>& sides)
      : Op(node, in, broadcast_shape(sides, node.name)), sides_(out, sides), kind_(read_binary(node)) {}

 protected:
  // The buffers that a pass reads, and where a side's values are for a sample.
  struct Sides {
    std::vector<BufferId> uses;
    std::array<BufferId, 2> values = {kNoBuffer, kNoBuffer};  // kNoBuffer: constants, which lie in `constants`
  };
  virtual const float* constants(const Step& /*s*/) const { return nullptr; }
  // Whether there is one for all samples.
  virtual bool is_constant(size_t /*side*/) const { return false; }

  void plan_values(Plan& plan, const Sides& sides, BufferId y) const {
    const double bytes = static_cast<double>((1 + sides.uses.size()) * floats_of(out) * sizeof(float));
    plan.pass({.node = name, .kind = "forward", .algorithm = "elementwise", .bytes = bytes});
    std::vector<BufferId> uses = sides.uses;
    uses.push_back(y);
    plan.stage(
        uses, [this](const Step& s) { return static_cast<size_t>(s.n) * sides_.parts(); },
        [this, sides, y](const Step& s, size_t task, float*) {
          const size_t sample = task / sides_.parts();
          sides_.visit_part(task % sides_.parts(), [&](const BroadcastRows& r) {
            compute(rows_of(s, sides, sample, r), s.at(y) + sample * floats_of(out) + r.out);
          });
        });
  }

  // Plans the gradient by a side, for each sample, into `target`.
  void plan_gradient(Plan& plan, const Sides& sides, size_t side, BufferId d_out, BufferId target) const {
    const bool repeated = sides_.is_repeated(side);
    const size_t parts = repeated || is_flat() ? 1 : sides_.parts();
    if (repeated) plan.need_scratch(kTerms);
    std::vector<BufferId> uses = sides.uses;
    uses.insert(uses.end(), {d_out, target});
    plan.stage(
        uses, [parts](const Step& s) { return static_cast<size_t>(s.n) * parts; },
        [this, sides, side, parts, repeated, d_out, target](const Step& s, size_t task, float* scratch) {
          const size_t sample = task / parts;
          const float* dy = s.at(d_out) + sample * floats_of(out);
          float* d = s.at(target) + sample * sides_.size(side);
          if (repeated || is_flat()) std::fill_n(d, sides_.size(side), 0.0f);
          if (is_flat()) return;
          if (repeated) {
            sides_.visit_all(kTerms, [&](const BroadcastRows& r) {
              slopes(rows_of(s, sides, sample, r), side, dy + r.out, scratch);
              add_terms(scratch, r, side, d);
            });
          } else {
            sides_.visit_part(task % parts, [&](const BroadcastRows& r) {
              slopes(rows_of(s, sides, sample, r), side, dy + r.out, d + r.out);
            });
          }
        });
  }

  Broadcasting sides_;

 private:
  static constexpr size_t kTerms = 4096;

  bool is_flat() const { return kind_ >= Binary::kFloorDivide; }

  BinaryRows rows_of(const Step& s, const Sides& sides, size_t sample, const BroadcastRows& r) const {
    const auto values = [&](size_t side) {
      const BufferId buffer = sides.values[side];
      const float* first = buffer == kNoBuffer ? constants(s) : s.at(buffer);
      return first + (is_constant(side) ? 0 : sample * sides_.size(side)) + r.at[side];
    };
    return {.a = values(0),
            .b = values(1),
            .a_row = static_cast<ptrdiff_t>(sides_.row(0)),
            .b_row = static_cast<ptrdiff_t>(sides_.row(1)),
            .a_each = sides_.each(0),
            .b_each = sides_.each(1),
            .rows = r.rows,
            .n = r.n};
  }

  // a * a for a^2, which is most frequent.
  static bool is_square(Binary kind, const BinaryRows& r) {
    return kind == Binary::kPower && !r.b_each && r.b_row == 0 && *r.b == 2.0f;
  }

  void compute(BinaryRows rows, float* y) const {
    Binary kind = kind_;
    if (is_square(kind, rows)) {
      kind = Binary::kMultiply;
      rows.b = rows.a;
      rows.b_row = rows.a_row;
      rows.b_each = rows.a_each;
    }
    kernels().binary(kind, rows, y);
  }

  void slopes(const BinaryRows& rows, size_t side, const float* dy, float* terms) const {
    kernels().binary_gradient(kind_, rows, side == 0, dy, terms);
  }

  // Adds up the terms of each element of a side that is repeated.
  void add_terms(const float* terms, const BroadcastRows& r, size_t side, float* d) const {
    float* to = d + r.at[side];
    const size_t step = sides_.row(side);
    if (sides_.each(side) && step == 0) {
      kernels().sum_rows(terms, r.rows, static_cast<ptrdiff_t>(r.n), to, static_cast<int>(r.n), true);
      return;
    }
    for (size_t row = 0; row < r.rows; ++row, terms += r.n, to += step) {
      if (sides_.each(side)) {
        kernels().accumulate(terms, to, r.n);
      } else {
        double sum = 0;
        for (size_t i = 0; i < r.n; ++i) sum += terms[i];
        *to += static_cast<float>(sum);
      }
    }
  }

  Binary kind_;
};

class BinaryOp : public TwoSidedOp {
 public:
  BinaryOp(const NodeDescription& node, const std::vector<Shape>& inputs) : TwoSidedOp(node, inputs[0], inputs) {
    node.expect_parameters({}, 0);
  }

  void plan_forward(Plan& plan, OpBuffers& buffers, bool) const override {
    plan_values(plan, sides_of(buffers), buffers.out);
  }

  void plan_backward(Plan& plan, const OpBuffers& buffers) const override {
    const double bytes = 16.0 * static_cast<double>(floats_of(out));
    plan.pass({.node = name, .kind = "backward", .algorithm = "elementwise", .bytes = bytes});
    for (size_t side = 0; side < 2; ++side) {
      const BufferId target = buffers.d_inputs[side];
      if (target != kNoBuffer) plan_gradient(plan, sides_of(buffers), side, buffers.d_out, target);
    }
  }

 private:
  static Sides sides_of(const OpBuffers& b) { return {b.inputs, {b.inputs[0], b.inputs[1]}}; }
};

// A constant's shape: that of the parameter, or [] for a number.
Shape constant_shape(const NodeDescription& node) {
  node.expect_parameters({"operand"}, 1);
  const bool has_value = node.attributes.count("value") != 0;
  if (has_value == !node.parameters.empty()) {
    throw Error("INVALID_ARGUMENT",
                node.name + ": operand takes a value or the parameter operand, not " + (has_value ? "both" : "neither"),
                node.name);
  }
  return has_value ? Shape{} : node.parameters[0].shape;
}

class OperandOp : public TwoSidedOp {
 public:
  OperandOp(const NodeDescription& node, const Shape& in, const Shape& constant, bool reversed)
      : TwoSidedOp(node, in, reversed ? std::vector<Shape>{constant, in} : std::vector<Shape>{in, constant}),
        parameters_(node.parameters),
        constant_side_(reversed ? 0 : 1) {
    if (!parameters_.empty()) return;
    const double value = node.number("value");
    value_ = flushed(static_cast<float>(value));
    if (!std::isfinite(value_)) {
      throw Error("INVALID_ARGUMENT", node.name + ": value is " + format_number(value) + "; it must be a finite number",
                  node.name);
    }
  }

  std::vector<ParameterDescription> parameters() const override { return parameters_; }
  void bind_parameters(const std::vector<Parameter>& parameters) override {
    if (!parameters.empty()) parameter_ = parameters[0];
  }

  void plan_forward(Plan& plan, OpBuffers& buffers, bool) const override {
    plan_values(plan, plan_sides(plan, buffers), buffers.out);
  }

  void plan_backward(Plan& plan, const OpBuffers& buffers) const override {
    if (buffers.d_in == kNoBuffer && !buffers.trains) return;
    const double bytes = 12.0 * static_cast<double>(floats_of(out));
    plan.pass({.node = name, .kind = "backward", .algorithm = "elementwise", .bytes = bytes});
    const Sides sides = plan_sides(plan, buffers);
    if (buffers.d_in != kNoBuffer) plan_gradient(plan, sides, 1 - constant_side_, buffers.d_out, buffers.d_in);
    if (buffers.trains) plan_parameter_gradient(plan, sides, buffers.d_out);
  }

 protected:
  const float* constants(const Step& s) const override {
    return parameters_.empty() ? &value_ : s.weights + parameter_.offset;
  }
  bool is_constant(size_t side) const override { return side == constant_side_; }

 private:
  // The sides for a pass. A parameter that is stored in several rows of panels is unpacked.
  Sides plan_sides(Plan& plan, const OpBuffers& b) const {
    Sides sides{{b.in}};
    sides.values[1 - constant_side_] = b.in;
    const bool is_row = parameters_.empty() || !parameter_.panels || parameter_.rows() == 1;
    if (is_row) return sides;
    const BufferId unpacked = plan.workspace(0, sides_.size(constant_side_));
    plan.stage(
        {unpacked}, [](const Step&) { return size_t{1}; },
        [this, unpacked](const Step& s, size_t, float*) {
          parameter_.unpack(s.weights + parameter_.offset, s.at(unpacked));
        });
    sides.values[constant_side_] = unpacked;
    sides.uses.push_back(unpacked);
    return sides;
  }

  // Each sample's gradients, then their sum in the order of samples.
  void plan_parameter_gradient(Plan& plan, const Sides& sides, BufferId d_out) const {
    const size_t size = sides_.size(constant_side_);
    const BufferId samples = plan.workspace(size);
    const BufferId sums = plan.workspace(0, size);
    plan_gradient(plan, sides, constant_side_, d_out, samples);
    plan.stage(
        {samples, sums}, [size](const Step&) { return ceil_div(size, kElementsPerTask); },
        [size, samples, sums](const Step& s, size_t task, float*) {
          const size_t begin = task * kElementsPerTask;
          const int count = static_cast<int>(std::min(kElementsPerTask, size - begin));
          kernels().sum_rows(s.at(samples) + begin, static_cast<size_t>(s.n), static_cast<ptrdiff_t>(size),
                             s.at(sums) + begin, count, false);
        });
    plan.stage(
        {sums}, [](const Step&) { return size_t{1}; },
        [this, sums](const Step& s, size_t, float*) {
          parameter_.pack(s.at(sums), s.gradients + parameter_.gradient);
        });
  }

  std::vector<ParameterDescription> parameters_;
  Parameter parameter_;
  size_t constant_side_;
  float value_ = 0;
};

}  // namespace

std::unique_ptr<Op> make_binary(const NodeDescription& node, const std::vector<Shape>& inputs) {
  if (inputs.size() != 2) {
    throw Error("INVALID_ARGUMENT", node.name + ": binary takes two inputs, not " + std::to_string(inputs.size()),
                node.name);
  }
  return std::make_unique<BinaryOp>(node, inputs);
}

std::unique_ptr<Op> make_operand(const NodeDescription& node, const Shape& in) {
  return std::make_unique<OperandOp>(node, in, constant_shape(node), node.flag("reversed"));
}

}  // namespace convforge
