#include "ops/rescaling.h"

#include "targets/dispatch.h"

namespace convforge {

RescalingOp::RescalingOp(const NodeDescription& node, const Shape& in)
    : Op(node, in, in),
      scale_(static_cast<float>(node.number("scale"))),
      offset_(static_cast<float>(node.number("offset"))) {
  node.expect_parameters({}, 0);
}

void RescalingOp::plan_forward(Plan& plan, OpBuffers& buffers, bool) const {
  const size_t size = static_cast<size_t>(size_of(out));
  plan.pass({.node = name, .kind = "forward", .algorithm = "elementwise", .bytes = 8.0 * static_cast<double>(size)});
  plan.stage(
      {buffers.in, buffers.out}, [](const Step& s) { return static_cast<size_t>(s.n); },
      [this, size, b = buffers](const Step& s, size_t task, float*) {
        kernels().rescale_f32(s.at(b.in) + task * size, s.at(b.out) + task * size, size, scale_, offset_);
      });
}

void RescalingOp::plan_backward(Plan& plan, const OpBuffers& buffers) const {
  if (buffers.d_in == kNoBuffer) return;
  const size_t size = static_cast<size_t>(size_of(out));
  plan.pass({.node = name, .kind = "backward", .algorithm = "elementwise", .bytes = 8.0 * static_cast<double>(size)});
  plan.stage(
      {buffers.d_in, buffers.d_out}, [](const Step& s) { return static_cast<size_t>(s.n); },
      [this, size, b = buffers](const Step& s, size_t task, float*) {
        kernels().scale(s.at(b.d_out) + task * size, s.at(b.d_in) + task * size, size, scale_);
      });
}

std::unique_ptr<Op> make_rescaling(const NodeDescription& node, const Shape& in) {
  return std::make_unique<RescalingOp>(node, in);
}

}  // namespace convforge
