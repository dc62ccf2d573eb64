#include "ops/sample_op.h"

#include "runtime/error.h"

namespace convforge {

SampleOp::SampleOp(const NodeDescription& node, const Shape& in, Shape out) : Op(node, in, std::move(out)) {
  if (in.empty())
    throw Error("SHAPE_MISMATCH", node.name + ": " + node.op + " takes values of one axis or more", node.name);
}

void SampleOp::begin_pass(Plan& plan, const char* kind) const {
  const double bytes = static_cast<double>(sizeof(float)) * (size_of(in) + static_cast<double>(size_of(out)));
  plan.pass({.node = name, .kind = kind, .algorithm = "by sample", .bytes = bytes});
}

void SampleOp::plan_forward(Plan& plan, OpBuffers& buffers, bool) const {
  begin_pass(plan, "forward");
  const size_t in_size = static_cast<size_t>(size_of(in));
  const size_t out_size = static_cast<size_t>(size_of(out));
  plan.stage(
      {buffers.in, buffers.out}, [this](const Step& s) { return static_cast<size_t>(s.n) * parts(); },
      [this, in_size, out_size, x = buffers.in, y = buffers.out](const Step& s, size_t task, float*) {
        const size_t sample = task / parts();
        forward(s.at(x) + sample * in_size, s.at(y) + sample * out_size, task % parts());
      });
}

void SampleOp::plan_backward(Plan& plan, const OpBuffers& buffers) const {
  if (buffers.d_in == kNoBuffer) return;
  begin_pass(plan, "backward");
  const size_t in_size = static_cast<size_t>(size_of(in));
  const size_t out_size = static_cast<size_t>(size_of(out));
  const BufferId x = needs_input() ? buffers.in : kNoBuffer;
  plan.stage(
      {x, buffers.d_out, buffers.d_in}, [](const Step& s) { return static_cast<size_t>(s.n); },
      [this, in_size, out_size, x, dy = buffers.d_out, dx = buffers.d_in](const Step& s, size_t task, float*) {
        backward(x == kNoBuffer ? nullptr : s.at(x) + task * in_size, s.at(dy) + task * out_size,
                 s.at(dx) + task * in_size);
      });
}

}  // namespace convforge
