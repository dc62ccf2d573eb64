// One convolution, alone in a plan, and its definition in double precision.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "ops/op.h"
#include "plan/plan.h"
#include "test/mixed_program.h"
#include "test/support.h"

namespace convforge::test {

struct ConvCase {
  int height, width, channels, taps, filters;
  std::vector<double> padding = {0, 0, 0, 0};  // top, bottom, left, right
  std::string activation = "linear";
  int pool_rows = 1, pool_columns = 1;
  int images = 1;
  bool exact = false;
  int groups = 1;
  int dilation = 1;

  int out_h() const { return height + static_cast<int>(padding[0] + padding[1]) - (taps - 1) * dilation; }
  int out_w() const { return width + static_cast<int>(padding[2] + padding[3]) - (taps - 1) * dilation; }
  int group_channels() const { return channels / groups; }
  size_t input_floats() const { return static_cast<size_t>(images) * height * width * channels; }
  size_t conv_floats() const { return static_cast<size_t>(images) * out_h() * out_w() * filters; }
  size_t kernel_floats() const { return static_cast<size_t>(taps) * taps * group_channels() * filters; }

  // Calls visit(input, kernel, output) with the indices of each multiplication's operands and sum.
  template <typename Visit>
  void visit(Visit visit) const {
    for (int n = 0; n < images; ++n) {
      for (int y = 0; y < out_h() * out_w(); ++y) {
        for (int k = 0; k < taps * taps; ++k) {
          const int row = y / out_w() + k / taps * dilation - static_cast<int>(padding[0]);
          const int column = y % out_w() + k % taps * dilation - static_cast<int>(padding[2]);
          if (row < 0 || row >= height || column < 0 || column >= width) continue;
          for (int c = 0; c < group_channels(); ++c) {
            for (int f = 0; f < filters; ++f) {
              const int first = f / (filters / groups) * group_channels();
              visit(static_cast<size_t>(((n * height + row) * width + column) * channels + first + c),
                    static_cast<size_t>((k * group_channels() + c) * filters + f),
                    static_cast<size_t>((n * out_h() * out_w() + y) * filters + f));
            }
          }
        }
      }
    }
  }
};

// Reproducible values for one case.
struct ConvData {
  explicit ConvData(const ConvCase& c) {
    Random random(static_cast<uint32_t>(c.height * 31 + c.channels * 7 + c.filters));
    x = random.uniforms(c.input_floats());
    kernel = random.uniforms(c.kernel_floats());
    bias = random.uniforms(static_cast<size_t>(c.filters));
    const size_t pooled = static_cast<size_t>(c.images) * (c.out_h() / c.pool_rows) * (c.out_w() / c.pool_columns);
    dy = random.uniforms(pooled * c.filters);
  }
  std::vector<float> x, kernel, bias, dy;
};

class ConvRun {
 public:
  // `capacity`: the largest batch that is planned for, if it isn't the one that runs.
  ConvRun(const ConvCase& c, const std::vector<float>& kernel, const std::vector<float>& bias, bool training,
          int capacity = 0)
      : images_(c.images), plan_(std::max(c.images, capacity)) {
    const Numbers one = {1, 1};
    const Numbers dilation = {static_cast<double>(c.dilation), static_cast<double>(c.dilation)};
    Builder b({c.height, c.width, c.channels});
    b.add("conv2d",
          {{"strides", one},
           {"dilation", dilation},
           {"padding", c.padding},
           {"exact", c.exact},
           {"groups", static_cast<double>(c.groups)}},
          {{"kernel", {c.taps, c.taps, c.group_channels(), c.filters}}, {"bias", {c.filters}}},
          {c.out_h(), c.out_w(), c.filters});
    b.add("activation", {{"kind", c.activation}}, {}, {c.out_h(), c.out_w(), c.filters});
    const Numbers size = {static_cast<double>(c.pool_rows), static_cast<double>(c.pool_columns)};
    b.add("pool2d", {{"kind", std::string("max")}, {"size", size}, {"strides", size}, {"padding", Numbers{0, 0, 0, 0}}},
          {}, {c.out_h() / c.pool_rows, c.out_w() / c.pool_columns, c.filters});
    const std::vector<NodeDescription>& nodes = b.description.nodes;
    op_ = make_op(nodes[1], {nodes[0].outputs[0].shape});
    if (c.activation != "linear") op_->absorb(*make_op(nodes[2], {op_->out}));
    if (c.pool_rows * c.pool_columns > 1) op_->absorb(*make_op(nodes[3], {op_->out}));
    size_t offset = 0;
    for (const ParameterDescription& p : op_->parameters()) {
      parameters_.push_back(make_parameter(p.name, p.shape, offset, "conv"));
      offset += parameters_.back().stored;
    }
    op_->bind_parameters(parameters_);
    weights_ = Memory(offset * sizeof(float));
    gradients_ = Memory(offset * sizeof(float));
    parameters_[0].pack(kernel.data(), weights_.floats());
    parameters_[1].pack(bias.data(), weights_.floats() + parameters_[1].offset);
    plan(c, training);
  }

  // The algorithm of each pass, in the order forward, kernel gradient, input gradient.
  std::vector<std::string> algorithms() const {
    std::vector<std::string> names;
    for (const Pass& pass : plan_.passes()) {
      if (!pass.kind.empty()) names.push_back(pass.algorithm);
    }
    return names;
  }
  std::string reason(const std::string& algorithm) const {
    for (const Pass& pass : plan_.passes()) {
      for (const Pass::Declined& declined : pass.declined) {
        if (declined.algorithm == algorithm) return declined.reason;
      }
    }
    return "";
  }

  // The tasks of the stage that has the most.
  size_t most_tasks() const {
    Step s;
    s.n = images_;
    size_t most = 0;
    for (const Stage& stage : plan_.stages()) most = std::max(most, stage.on_new_weights ? 0 : stage.tasks(s));
    return most;
  }

  void run(const std::vector<float>& x, const std::vector<float>& dy, int threads) {
    Memory arena(plan_.arena_bytes());
    Memory scratch(static_cast<size_t>(threads) * plan_.scratch_floats() * sizeof(float));
    // Fills memory with NaN, so that reading what no kernel has written shows.
    std::fill_n(arena.floats(), arena.bytes() / sizeof(float), NAN);
    std::fill_n(scratch.floats(), scratch.bytes() / sizeof(float), NAN);
    Step s;
    s.n = images_;
    s.training = true;
    s.weights = weights_.floats();
    s.gradients = gradients_.floats();
    s.arena = arena.data();
    s.offsets = plan_.offsets().data();
    std::copy(x.begin(), x.end(), s.at(buffers_.in));
    if (buffers_.d_out != kNoBuffer) std::copy(dy.begin(), dy.end(), s.at(buffers_.d_out));
    lead_team(threads, [&](Team& team) {
      for (const Stage& stage : plan_.stages()) {
        team.run(stage.tasks(s), [&](size_t task, int worker) {
          stage.run(s, task, scratch.floats() + static_cast<size_t>(worker) * plan_.scratch_floats());
        });
      }
    });
    y.assign(s.at(buffers_.out), s.at(buffers_.out) + static_cast<size_t>(s.n) * size_of(op_->out));
    index.clear();
    if (!buffers_.saved.empty()) {
      const auto* places = reinterpret_cast<const uint8_t*>(s.at(buffers_.saved[0]));
      index.assign(places, places + y.size());
    }
    if (buffers_.d_in == kNoBuffer) return;
    d_x.assign(s.at(buffers_.d_in), s.at(buffers_.d_in) + x.size());
    d_kernel.resize(static_cast<size_t>(parameters_[0].size));
    parameters_[0].unpack(gradients_.floats(), d_kernel.data());
  }

  std::vector<float> y, d_x, d_kernel;
  std::vector<uint8_t> index;

 private:
  void plan(const ConvCase& c, bool training) {
    buffers_.in = plan_.buffer(c.input_floats() / c.images);
    buffers_.out = plan_.buffer(static_cast<size_t>(size_of(op_->out)));
    if (training) {
      buffers_.d_in = plan_.buffer(c.input_floats() / c.images);
      buffers_.d_out = plan_.buffer(static_cast<size_t>(size_of(op_->out)));
      buffers_.trains = true;
    }
    plan_.stage(
        {buffers_.in, buffers_.d_out}, [](const Step&) { return size_t{0}; }, [](const Step&, size_t, float*) {});
    op_->plan_forward(plan_, buffers_, training);
    if (training) op_->plan_backward(plan_, buffers_);
    std::vector<BufferId> results = {buffers_.out, buffers_.d_in};
    results.insert(results.end(), buffers_.saved.begin(), buffers_.saved.end());
    plan_.finish(results);
  }

  int images_;
  std::unique_ptr<Op> op_;
  std::vector<Parameter> parameters_;
  Memory weights_, gradients_;
  Plan plan_;
  OpBuffers buffers_;
};

}  // namespace convforge::test
