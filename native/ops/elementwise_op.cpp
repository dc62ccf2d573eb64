#include "ops/elementwise_op.h"

#include <algorithm>

#include "ops/activation.h"

namespace convforge {

void ElementwiseOp::plan_forward(Plan& plan, OpBuffers& buffers, bool) const {
  const size_t size = floats_of(out);
  plan.pass({.node = name, .kind = "forward", .algorithm = "elementwise", .bytes = 8.0 * static_cast<double>(size)});
  plan.stage(
      {buffers.in, buffers.out},
      [size](const Step& s) { return ceil_div(static_cast<size_t>(s.n) * size, kElementsPerTask); },
      [this, size, b = buffers](const Step& s, size_t task, float*) {
        const size_t begin = task * kElementsPerTask;
        const size_t count = std::min(kElementsPerTask, static_cast<size_t>(s.n) * size - begin);
        forward(s.at(b.in) + begin, s.at(b.out) + begin, count);
      });
}

void ElementwiseOp::plan_backward(Plan& plan, const OpBuffers& buffers) const {
  if (buffers.d_in == kNoBuffer) return;
  const size_t size = floats_of(out);
  plan.pass({.node = name, .kind = "backward", .algorithm = "elementwise", .bytes = 12.0 * static_cast<double>(size)});
  const BufferId value = follows_value() ? buffers.out : buffers.in;
  plan.stage(
      {value, buffers.d_out, buffers.d_in},
      [size](const Step& s) { return ceil_div(static_cast<size_t>(s.n) * size, kElementsPerTask); },
      [this, size, value, b = buffers](const Step& s, size_t task, float*) {
        const size_t begin = task * kElementsPerTask;
        const size_t count = std::min(kElementsPerTask, static_cast<size_t>(s.n) * size - begin);
        backward(s.at(value) + begin, s.at(b.d_out) + begin, s.at(b.d_in) + begin, count);
      });
}

}  // namespace convforge
