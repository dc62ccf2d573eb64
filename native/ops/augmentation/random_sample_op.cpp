#include "ops/augmentation/random_sample_op.h"

#include "runtime/error.h"

namespace convforge {

RandomSampleOp::RandomSampleOp(const NodeDescription& node, const Shape& in, Shape out)
    : Op(node, in, std::move(out)), random_(node) {
  node.expect_parameters({}, 0);
  if (in.size() != 3) {
    throw Error("SHAPE_MISMATCH", node.name + ": takes images of [height, width, channels], not " + to_string(in),
                node.name);
  }
}

void RandomSampleOp::begin_pass(Plan& plan, const char* kind) const {
  const double bytes = static_cast<double>(sizeof(float)) * (size_of(in) + static_cast<double>(size_of(out)));
  plan.pass({.node = name, .kind = kind, .algorithm = "by sample", .bytes = bytes});
  if (scratch_floats() > 0) plan.need_scratch(scratch_floats());
}

Draws RandomSampleOp::draw(const Step& s, size_t sample) const {
  Draws draws;
  RandomWords words = random_.words(s, draws.size());
  for (size_t k = 0; k < draws.size(); ++k) draws[k] = words(sample * draws.size() + k) * 0x1p-32;
  return draws;
}

void RandomSampleOp::plan_forward(Plan& plan, OpBuffers& buffers, bool training) const {
  if (!in_training(training)) return;
  begin_pass(plan, "forward");
  plan.stage(
      {buffers.in, buffers.out}, [](const Step& s) { return static_cast<size_t>(s.n); },
      [this, in_size = floats_of(in), out_size = floats_of(out), x = buffers.in, y = buffers.out](
          const Step& s, size_t sample, float* scratch) {
        forward(draw(s, sample), s.at(x) + sample * in_size, s.at(y) + sample * out_size, scratch);
      });
}

void RandomSampleOp::plan_backward(Plan& plan, const OpBuffers& buffers) const {
  if (buffers.d_in == kNoBuffer) return;
  begin_pass(plan, "backward");
  const BufferId x = needs_input() ? buffers.in : kNoBuffer;
  plan.stage(
      {x, buffers.d_out, buffers.d_in}, [](const Step& s) { return static_cast<size_t>(s.n); },
      [this, in_size = floats_of(in), out_size = floats_of(out), x, dy = buffers.d_out, dx = buffers.d_in](
          const Step& s, size_t sample, float* scratch) {
        backward(draw(s, sample), x == kNoBuffer ? nullptr : s.at(x) + sample * in_size, s.at(dy) + sample * out_size,
                 s.at(dx) + sample * in_size, scratch);
      });
}

}  // namespace convforge
