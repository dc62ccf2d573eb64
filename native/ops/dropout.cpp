#include <algorithm>
#include <cmath>

#include "ops/op.h"
#include "runtime/error.h"
#include "runtime/rng.h"

namespace convforge {
namespace {

// Element e of the batch takes word e % 4 of the Philox block at counter [e / 4, stream, iteration], key seed: any
// thread can make any element's. The backward pass makes the same words again, which costs less than keeping them.
class DropoutOp : public Op {
 public:
  DropoutOp(const NodeDescription& node, const Shape& in) : Op(node, in, in) {
    node.expect_parameters({}, 0);
    const double rate = node.number("rate");
    if (!(rate >= 0 && rate < 1)) {
      throw Error("INVALID_ARGUMENT", node.name + ": the rate is in [0, 1), not " + format_number(rate), node.name);
    }
    const double stream = node.number("stream");
    if (!(stream >= 0 && stream < 0x1p32) || stream != std::floor(stream)) {
      throw Error("INVALID_ARGUMENT", node.name + ": the stream is a whole number in [0, 2^32)", node.name);
    }
    threshold_ = static_cast<uint32_t>(std::floor(rate * 0x1p32));
    scale_ = static_cast<float>(1 / (1 - rate));
    stream_ = static_cast<uint32_t>(stream);
  }

  bool is_view(bool training) const override { return !training; }

  void plan_forward(Plan& plan, OpBuffers& buffers, bool training) const override {
    if (training) plan_pass(plan, "forward", buffers.in, buffers.out);
  }

  void plan_backward(Plan& plan, const OpBuffers& buffers) const override {
    if (buffers.d_in != kNoBuffer) plan_pass(plan, "backward", buffers.d_out, buffers.d_in);
  }

 private:
  static constexpr size_t kBlocksPerTask = 2048;

  void plan_pass(Plan& plan, const char* kind, BufferId from, BufferId to) const {
    plan.pass({.node = name, .kind = kind, .algorithm = "elementwise"});
    const size_t size = static_cast<size_t>(size_of(out));
    plan.stage(
        {from, to}, [size](const Step& s) { return ceil_div(static_cast<size_t>(s.n) * size, 4 * kBlocksPerTask); },
        [=, this](const Step& s, size_t task, float*) {
          const size_t end = std::min((task + 1) * 4 * kBlocksPerTask, static_cast<size_t>(s.n) * size);
          const float* x = s.at(from);
          float* y = s.at(to);
          for (size_t e = task * 4 * kBlocksPerTask; e < end; e += 4) drop_block(s, x, y, e, end);
        });
  }

  void drop_block(const Step& s, const float* x, float* y, size_t e, size_t end) const {
    const std::array<uint32_t, 4> words =
        philox({static_cast<uint32_t>(e / 4), stream_, static_cast<uint32_t>(s.iteration),
                static_cast<uint32_t>(s.iteration >> 32)},
               {static_cast<uint32_t>(s.seed), static_cast<uint32_t>(s.seed >> 32)});
    for (size_t i = 0; i < 4 && e + i < end; ++i) y[e + i] = words[i] < threshold_ ? 0.0f : x[e + i] * scale_;
  }

  uint32_t threshold_ = 0;
  uint32_t stream_ = 0;
  float scale_ = 1;
};

}  // namespace

std::unique_ptr<Op> make_dropout(const NodeDescription& node, const Shape& in) {
  return std::make_unique<DropoutOp>(node, in);
}

}  // namespace convforge
