#include "test/bench/work.h"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "ops/op.h"
#include "plan/plan.h"
#include "runtime/memory.h"
#include "runtime/rng.h"
#include "targets/dispatch.h"

namespace convforge::bench {
namespace {

constexpr size_t kSlackFloats = 64;  // kernels may read some vectors past the end

void fill(float* values, size_t count, uint32_t seed) {
  for (size_t i = 0; i < count; i += 4) {
    const auto words = philox({static_cast<uint32_t>(i), 0, 0, 0}, {seed, 0});
    for (size_t j = i; j < std::min(i + 4, count); ++j)
      values[j] = static_cast<float>(static_cast<int32_t>(words[j - i]) >> 8) / 8388608.0f;
  }
}

std::vector<double> doubles(const std::vector<int64_t>& values) { return {values.begin(), values.end()}; }

NodeDescription node_of(std::string op, const Shape& shape) {
  NodeDescription node;
  node.name = op;
  node.op = std::move(op);
  node.inputs = {0};
  node.outputs = {{shape}};
  return node;
}

// Windows along one axis, as Keras counts them.
struct Axis {
  int64_t size;
  double before = 0, after = 0;
};

Axis windows(const Options& o, size_t axis) {
  const int64_t in = o.input[1 + axis];
  const int64_t extent = (o.kernel[axis] - 1) * o.dilation[axis] + 1;
  const int64_t stride = o.strides[axis];
  if (o.padding == "valid") {
    if (extent > in) throw std::invalid_argument("--kernel: it is larger than the input, " + std::to_string(in));
    return {(in - extent) / stride + 1};
  }
  const int64_t size = (in + stride - 1) / stride;
  const int64_t padding = std::max<int64_t>(0, (size - 1) * stride + extent - in);
  return {size, static_cast<double>(padding / 2), static_cast<double>(padding - padding / 2)};
}

// An op in a plan of its own, with random samples, weights and output gradients.
class OpWork {
 public:
  OpWork(const Options& options, Team& team) : o_(options), plan_(static_cast<int>(options.input[0])) {
    if (o_.algorithm != "auto") plan_.only_algorithm(o_.algorithm);
    make();
    bind();
    plan();
    choose_pass();
    run(team, [](const Stage&) { return true; });
  }

  void run(Team& team) {
    run(team, [this](const Stage& stage) { return stage.pass == pass_; });
  }
  const Pass& pass() const { return plan_.passes()[pass_]; }
  Work work(const std::shared_ptr<OpWork>& self) const {
    const double n = step_.n;
    return {pass().algorithm, pass().flops * n, pass().bytes * n + pass().step_bytes,
            [self](Team& team) { self->run(team); }};
  }

 private:
  void make();
  void bind();
  void plan();
  void choose_pass();
  std::unique_ptr<Op> convolution(const Shape& in, const Axis& rows, const Axis& columns) const;

  template <typename Includes>
  void run(Team& team, Includes&& includes) {
    for (const Stage& stage : plan_.stages()) {
      if (!includes(stage)) continue;
      team.run(stage.tasks(step_), [&](size_t task, int worker) {
        stage.run(step_, task, scratch_.floats() + static_cast<size_t>(worker) * plan_.scratch_floats());
      });
    }
  }

  Options o_;
  std::unique_ptr<Op> op_;
  std::vector<Parameter> parameters_;
  Memory weights_, gradients_, arena_, scratch_;
  Plan plan_;
  OpBuffers buffers_;
  Step step_;
  size_t pass_ = 0;
};

void OpWork::make() {
  const Shape in(o_.input.begin() + 1, o_.input.end());
  if (o_.kind == "dense") {
    NodeDescription node = node_of("dense", {o_.filters});
    node.parameters = {{"kernel", {in[0], o_.filters}}, {"bias", {o_.filters}}};
    op_ = make_op(node, {in});
  } else {
    const Axis rows = windows(o_, 0);
    const Axis columns = windows(o_, 1);
    if (o_.kind == "pool") {
      NodeDescription node = node_of("pool2d", {rows.size, columns.size, in[2]});
      node.attributes = {{"kind", o_.mode},
                         {"size", doubles(o_.kernel)},
                         {"strides", doubles(o_.strides)},
                         {"padding", std::vector<double>{rows.before, rows.after, columns.before, columns.after}}};
      op_ = make_op(node, {in});
    } else {
      op_ = convolution(in, rows, columns);
    }
  }
  if (o_.activation == "linear") return;
  NodeDescription activation = node_of("activation", op_->out);
  activation.attributes = {{"kind", o_.activation}};
  if (!op_->absorb(*make_op(activation, {op_->out})))
    throw std::invalid_argument("--activation " + o_.activation + ": it can't be fused with this op");
}

std::unique_ptr<Op> OpWork::convolution(const Shape& in, const Axis& rows, const Axis& columns) const {
  NodeDescription node = node_of("conv2d", {rows.size, columns.size, o_.filters});
  node.attributes = {{"strides", doubles(o_.strides)},
                     {"dilation", doubles(o_.dilation)},
                     {"groups", static_cast<double>(o_.groups)},
                     {"padding", std::vector<double>{rows.before, rows.after, columns.before, columns.after}}};
  node.parameters = {{"kernel", {o_.kernel[0], o_.kernel[1], in[2] / o_.groups, o_.filters}}, {"bias", {o_.filters}}};
  std::unique_ptr<Op> op = make_op(node, {in});
  if (o_.pool[0] * o_.pool[1] == 1) return op;
  NodeDescription pool = node_of("pool2d", {rows.size / o_.pool[0], columns.size / o_.pool[1], o_.filters});
  pool.attributes = {{"kind", std::string("max")},
                     {"size", doubles(o_.pool)},
                     {"strides", doubles(o_.pool)},
                     {"padding", std::vector<double>(4, 0.0)}};
  if (!op->absorb(*make_op(pool, {op->out})))
    throw std::invalid_argument("--pool: this pooling can't be fused with the convolution");
  return op;
}

void OpWork::bind() {
  size_t offset = 0;
  for (const ParameterDescription& p : op_->parameters()) {
    parameters_.push_back(make_parameter(p.name, p.shape, offset, op_->name));
    parameters_.back().gradient = offset;
    offset += parameters_.back().stored;
  }
  op_->bind_parameters(parameters_);
  weights_ = Memory((offset + kSlackFloats) * sizeof(float));
  gradients_ = Memory((offset + kSlackFloats) * sizeof(float));
  for (const Parameter& p : parameters_) {
    std::vector<float> values(static_cast<size_t>(p.size));
    fill(values.data(), values.size(), 1);
    p.pack(values.data(), weights_.floats() + p.offset);
  }
}

void OpWork::plan() {
  const size_t in = static_cast<size_t>(size_of(op_->in));
  const size_t out = static_cast<size_t>(size_of(op_->out));
  buffers_.in = plan_.buffer(in);
  buffers_.inputs = {buffers_.in};
  buffers_.out = plan_.buffer(out);
  buffers_.outs = {buffers_.out};
  buffers_.d_in = plan_.buffer(in);
  buffers_.d_inputs = {buffers_.d_in};
  buffers_.d_out = plan_.buffer(out);
  buffers_.d_outs = {buffers_.d_out};
  buffers_.trains = true;
  const std::vector<BufferId> given = {buffers_.in, buffers_.d_out};
  plan_.stage(
      given, [](const Step&) { return size_t{0}; }, [](const Step&, size_t, float*) {});
  op_->plan_forward(plan_, buffers_, true);
  op_->plan_backward(plan_, buffers_);
  std::vector<BufferId> results = {buffers_.in, buffers_.out, buffers_.d_in, buffers_.d_out};
  results.insert(results.end(), buffers_.saved.begin(), buffers_.saved.end());
  plan_.finish(results);
  arena_ = Memory(plan_.arena_bytes() + kSlackFloats * sizeof(float));
  scratch_ = Memory((static_cast<size_t>(o_.threads) * plan_.scratch_floats() + kSlackFloats) * sizeof(float));
  step_.n = static_cast<int>(o_.input[0]);
  step_.training = true;
  step_.weights = weights_.floats();
  step_.gradients = gradients_.floats();
  step_.arena = arena_.data();
  step_.offsets = plan_.offsets().data();
  fill(step_.at(buffers_.in), in * o_.input[0], 2);
  fill(step_.at(buffers_.d_out), out * o_.input[0], 3);
}

void OpWork::choose_pass() {
  const std::string kind = o_.pass == "forward"  ? "forward"
                           : o_.pass == "kernel" ? "kernel gradient"
                           : o_.kind == "pool"   ? "backward"
                                                 : "input gradient";
  const std::vector<Pass>& passes = plan_.passes();
  for (pass_ = 0; pass_ < passes.size() && passes[pass_].kind != kind;) ++pass_;
  if (pass_ == passes.size()) throw std::invalid_argument("this op has no pass '" + kind + "'");
  if (o_.algorithm == "auto" || pass().algorithm == o_.algorithm) return;
  std::string reason = "there is no such algorithm of this pass; these decline, and " + pass().algorithm + " is left:";
  for (const Pass::Declined& declined : pass().declined) {
    if (declined.algorithm == o_.algorithm)
      throw std::invalid_argument("--algorithm " + o_.algorithm + ": it declines, since " + declined.reason);
    reason += " " + declined.algorithm;
  }
  throw std::invalid_argument("--algorithm " + o_.algorithm + ": " + reason);
}

// C = A * B with A row-major and B in panels.
Work make_product(const Options& o) {
  struct Product {
    std::vector<float> a, b, c, scratch;
    Gemm gemm;
  };
  const auto product = std::make_shared<Product>();
  const auto m = static_cast<size_t>(o.input[0]), n = static_cast<size_t>(o.input[1]),
             k = static_cast<size_t>(o.input[2]);
  const size_t columns = round_up(n, kPanel);
  product->a.resize(m * k + kSlackFloats);
  product->b.resize(columns * k + kSlackFloats);
  product->c.resize(m * n + kSlackFloats);
  product->scratch.resize(kGemmScratch);
  fill(product->a.data(), m * k, 1);
  fill(product->b.data(), columns * k, 2);
  Gemm& g = product->gemm;
  g.m = static_cast<int>(m);
  g.n = static_cast<int>(n);
  g.depth = static_cast<int>(k);
  g.a = product->a.data();
  g.a_row = static_cast<ptrdiff_t>(k);
  g.a_depth = 1;
  g.b = product->b.data();
  g.b_depth = kPanel;
  g.b_panel = static_cast<ptrdiff_t>(k * kPanel);
  g.c = product->c.data();
  g.c_row = static_cast<ptrdiff_t>(n);
  g.scratch = product->scratch.data();
  return {"gemm", 2.0 * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k), 0,
          [product](Team&) { kernels().gemm(product->gemm); }};
}

}  // namespace

Work make_work(const Options& options, Team& team) {
  if (options.kind == "gemm") return make_product(options);
  const auto op = std::make_shared<OpWork>(options, team);
  return op->work(op);
}

}  // namespace convforge::bench
