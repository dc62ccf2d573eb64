#include <algorithm>
#include <string>

#include "ops/op.h"
#include "runtime/error.h"

namespace convforge {
namespace {

class ConcatenateOp : public Op {
 public:
  ConcatenateOp(const NodeDescription& node, const std::vector<Shape>& inputs) : Op(node, inputs[0], inputs[0]) {
    node.expect_parameters({}, 0);
    const size_t axis = static_cast<size_t>(node.integer("axis", 0));
    if (axis >= in.size()) {
      throw Error("INVALID_ARGUMENT", node.name + ": there is no axis " + std::to_string(axis) + " in " + to_string(in),
                  node.name);
    }
    out[axis] = 0;
    for (const Shape& shape : inputs) {
      Shape same = shape;
      if (same.size() == in.size()) same[axis] = in[axis];
      if (same != in) {
        throw Error("SHAPE_MISMATCH",
                    node.name + ": inputs may differ only along axis " + std::to_string(axis) + ", unlike " +
                        to_string(in) + " and " + to_string(shape),
                    node.name);
      }
      out[axis] += shape[axis];
    }
    checked_size(out, "output", node.name);
    for (size_t i = 0; i < axis; ++i) rows_ *= static_cast<size_t>(in[i]);
    for (const Shape& shape : inputs) parts_.push_back(static_cast<size_t>(size_of(shape)) / rows_);
  }

  void plan_forward(Plan& plan, OpBuffers& buffers, bool) const override {
    begin_pass(plan, "forward");
    std::vector<BufferId> uses = buffers.inputs;
    uses.push_back(buffers.out);
    plan.stage(uses, by_sample, [this, inputs = buffers.inputs, out = buffers.out](const Step& s, size_t task, float*) {
      float* y = s.at(out) + task * static_cast<size_t>(size_of(this->out));
      for (size_t i = 0; i < inputs.size(); y += parts_[i++])
        copy_rows(s.at(inputs[i]) + task * rows_ * parts_[i], parts_[i], y, row(), parts_[i]);
    });
  }

  void plan_backward(Plan& plan, const OpBuffers& buffers) const override {
    begin_pass(plan, "backward");
    std::vector<BufferId> uses = buffers.d_inputs;
    uses.push_back(buffers.d_out);
    plan.stage(uses, by_sample,
               [this, d_inputs = buffers.d_inputs, d_out = buffers.d_out](const Step& s, size_t task, float*) {
                 const float* dy = s.at(d_out) + task * static_cast<size_t>(size_of(out));
                 for (size_t i = 0; i < d_inputs.size(); dy += parts_[i++]) {
                   if (d_inputs[i] == kNoBuffer) continue;
                   copy_rows(dy, row(), s.at(d_inputs[i]) + task * rows_ * parts_[i], parts_[i], parts_[i]);
                 }
               });
  }

 private:
  static size_t by_sample(const Step& s) { return static_cast<size_t>(s.n); }

  void begin_pass(Plan& plan, const char* kind) const {
    plan.pass({.node = name, .kind = kind, .algorithm = "by sample", .bytes = 2.0 * sizeof(float) * size_of(out)});
  }

  // Floats of an output row: the concatenated axis and those after it.
  size_t row() const { return static_cast<size_t>(size_of(out)) / rows_; }

  void copy_rows(const float* x, size_t x_row, float* y, size_t y_row, size_t count) const {
    for (size_t r = 0; r < rows_; ++r) std::copy_n(x + r * x_row, count, y + r * y_row);
  }

  size_t rows_ = 1;            // size of the axes before the concatenated one
  std::vector<size_t> parts_;  // by input: floats of a row
};

}  // namespace

std::unique_ptr<Op> make_concatenate(const NodeDescription& node, const std::vector<Shape>& inputs) {
  return std::make_unique<ConcatenateOp>(node, inputs);
}

}  // namespace convforge
