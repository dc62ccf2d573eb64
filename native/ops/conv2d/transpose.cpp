// A transposed convolution: the input gradient of a convolution from its output to its input.
#include <algorithm>

#include "ops/conv2d/conv2d.h"
#include "ops/conv2d/forward.h"
#include "ops/conv2d/gradient.h"
#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

constexpr size_t kBiasChunks = 16;

// [rows, columns, filters], of the attribute and of the kernel [height, width, filters, channels].
Shape output_shape(const NodeDescription& node) {
  node.expect_parameters({"kernel", "bias"}, 1);
  const std::vector<int> size = node.integers("outputSize", 2, 1);
  const Shape& kernel = node.parameters[0].shape;
  if (kernel.size() != 4) {
    throw Error("SHAPE_MISMATCH",
                node.name + ": its kernel is [height, width, filters, channels], not " + to_string(kernel), node.name);
  }
  const Shape out = {size[0], size[1], kernel[2]};
  checked_size(out, "output", node.name);
  return out;
}

// The convolution whose input is this op's output, with the same kernel.
NodeDescription reversed(const NodeDescription& node) {
  NodeDescription result = node;
  result.parameters.resize(1);
  return result;
}

class Conv2dTransposeOp : public Op {
 public:
  Conv2dTransposeOp(const NodeDescription& node, const Shape& in)
      : Op(node, in, output_shape(node)), parameters_(node.parameters), reversed_(reversed(node), out) {
    if (node.attributes.count("groups")) {
      throw Error("UNSUPPORTED", node.name + ": a transposed convolution has no groups", node.name);
    }
    if (reversed_.out != in) {
      throw Error("SHAPE_MISMATCH",
                  node.name + ": a convolution of the output " + to_string(out) + " gives " + to_string(reversed_.out) +
                      ", not the input " + to_string(in),
                  node.name);
    }
    if (has_bias() && parameters_[1].shape != Shape{out[2]}) {
      throw Error("SHAPE_MISMATCH",
                  node.name + ": the bias must have a value for each of " + std::to_string(out[2]) + " filters",
                  node.name);
    }
  }

  std::vector<ParameterDescription> parameters() const override { return parameters_; }

  void bind_parameters(const std::vector<Parameter>& parameters) override {
    reversed_.bind_parameters(parameters);
    if (!has_bias()) return;
    bias_ = parameters[1].offset;
    bias_gradient_ = parameters[1].gradient;
  }

  void plan_forward(Plan& plan, OpBuffers& buffers, bool) const override {
    OpBuffers b;
    b.out = b.d_out = buffers.in;
    b.d_in = buffers.out;
    plan_conv_input_gradient(reversed_.conv(), plan, b, "forward");
    if (!has_bias()) return;
    plan.stage(
        {buffers.out}, [](const Step& s) { return static_cast<size_t>(s.n); },
        [this, y = buffers.out](const Step& s, size_t task, float*) {
          float* cell = s.at(y) + task * cells() * filters();
          for (size_t i = 0; i < cells(); ++i, cell += filters())
            kernels().accumulate(s.weights + bias_, cell, filters());
        });
  }

  void plan_backward(Plan& plan, const OpBuffers& buffers) const override {
    OpBuffers b;
    b.in = buffers.d_out;
    b.out = b.d_out = buffers.in;
    if (buffers.trains) plan_conv_kernel_gradient(reversed_.conv(), plan, b, "kernel gradient");
    if (buffers.trains && has_bias()) plan_bias_gradient(plan, buffers.d_out);
    if (buffers.d_in == kNoBuffer) return;
    b.out = buffers.d_in;
    plan_conv_forward(reversed_.conv(), plan, b, false, "input gradient");
  }

 private:
  // Sums the bias gradient over chunks of the batch, then adds the chunks in order.
  void plan_bias_gradient(Plan& plan, BufferId d_out) const {
    const size_t row = round_up(filters(), kLineFloats);
    const BufferId partial = plan.workspace(0, kBiasChunks * row);
    const auto chunks = [](const Step& s) { return std::min(kBiasChunks, static_cast<size_t>(s.n)); };
    plan.stage({d_out, partial}, chunks, [=, this](const Step& s, size_t chunk, float*) {
      const size_t n = static_cast<size_t>(s.n);
      const size_t begin = chunk * n / chunks(s) * cells();
      const size_t end = (chunk + 1) * n / chunks(s) * cells();
      kernels().sum_rows(s.at(d_out) + begin * filters(), end - begin, static_cast<int>(filters()),
                         s.at(partial) + chunk * row, static_cast<int>(filters()), false);
    });
    plan.stage(
        {partial}, [](const Step&) { return size_t{1}; },
        [=, this](const Step& s, size_t, float*) {
          float* gradient = s.gradients + bias_gradient_;
          std::copy_n(s.at(partial), filters(), gradient);
          for (size_t chunk = 1; chunk < chunks(s); ++chunk)
            kernels().accumulate(s.at(partial) + chunk * row, gradient, filters());
        });
  }

  bool has_bias() const { return parameters_.size() > 1; }
  size_t filters() const { return static_cast<size_t>(out[2]); }
  size_t cells() const { return static_cast<size_t>(out[0] * out[1]); }

  std::vector<ParameterDescription> parameters_;
  Conv2dOp reversed_;
  size_t bias_ = 0;
  size_t bias_gradient_ = 0;
};

}  // namespace

std::unique_ptr<Op> make_conv2dTranspose(const NodeDescription& node, const Shape& in) {
  return std::make_unique<Conv2dTransposeOp>(node, in);
}

}  // namespace convforge
