#include "support.h"

#include <omp.h>

#include <cstdio>
#include <iostream>
#include <optional>
#include <random>
#include <sstream>

using dnnl::algorithm;
using dnnl::memory;
using dnnl::prop_kind;
using Tag = memory::format_tag;
using Dims = memory::dims;

namespace {

constexpr double kSeconds = 0.02;
const auto kTraining = prop_kind::forward_training;

memory::desc f32(const Dims& dims, Tag tag) { return {dims, memory::data_type::f32, tag}; }

/// Uniform in [-1, 1].
memory random(const memory::desc& layout) {
  static std::mt19937 generator(1);
  std::uniform_real_distribution<float> uniform(-1, 1);
  memory values = allocate(layout);
  std::generate_n(static_cast<float*>(values.get_data_handle()), layout.get_size() / sizeof(float),
                  [&] { return uniform(generator); });
  return values;
}

struct Pass {
  std::string task, config;
  /// 0 if the time is reported, not the speed.
  double flops;
  std::vector<Call> calls;
  /// What the input is overwritten with before each run.
  memory source = {};

  /// The input of the pass, which the previous or the next node would have just written.
  memory input() const {
    const auto& arguments = calls[0].arguments;
    const auto gradient = arguments.find(DNNL_ARG_DIFF_DST);
    return gradient != arguments.end() ? gradient->second : arguments.at(DNNL_ARG_SRC);
  }
};

/// Overwrites `values` with equal values from `source`, which leaves them in cache as a training step would.
void writeAnew(const memory& values, const memory& source) {
  const auto count = static_cast<int64_t>(values.get_desc().get_size() / sizeof(float));
  const auto* from = static_cast<const float*>(source.get_data_handle());
  auto* to = static_cast<float*>(values.get_data_handle());
#pragma omp parallel for simd
  for (int64_t i = 0; i < count; ++i) to[i] = from[i];
}

/// The passes of a shape in one configuration.
using Passes = std::vector<Pass>;

/**
 * Times the passes in turn, each with its input just written, as in a step of training (and as convforge's profile
 * meets them): a pass repeated alone would find all its arrays in the caches. Reports GFLOP/s or ms.
 */
void time(Passes& passes) {
  for (Pass& pass : passes) {
    if (!pass.source) pass.source = random(pass.input().get_desc());
  }
  // Warms up: another process ran since the last turn.
  for (const Pass& pass : passes) run(pass.calls);
  std::vector<double> seconds(passes.size());
  int rounds = 0;
  for (double all = 0; all < kSeconds * static_cast<double>(passes.size()); ++rounds) {
    for (size_t i = 0; i < passes.size(); ++i) {
      writeAnew(passes[i].input(), passes[i].source);
      const auto start = std::chrono::steady_clock::now();
      run(passes[i].calls);
      const double passed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      seconds[i] += passed;
      all += passed;
    }
  }
  for (size_t i = 0; i < passes.size(); ++i) {
    const double mean = seconds[i] / rounds, flops = passes[i].flops;
    report(passes[i].task, flops > 0 ? "GFLOP/s" : "ms", passes[i].config,
           {flops > 0 ? flops / mean / 1e9 : mean * 1e3});
  }
}

/// One configuration of a kernel. oneDNN throws for those that it lacks.
struct Variant {
  std::string name;
  algorithm convolution;
  Tag images;
};

void attempt(const std::function<void()>& bench) {
  try {
    bench();
  } catch (const dnnl::error& error) {
    if (error.status != dnnl_unimplemented) throw;
  }
}

template <class Plan>
std::string describe(const Variant& variant, const Plan& plan) {
  return variant.name + " (" + plan.impl_info_str() + ")";
}

struct Convolution {
  int n, h, w, in, out, size, stride, pad, dilation, groups;
};

Passes makeConvolution(const std::string& name, const Convolution& c, const Variant& variant) {
  const auto outputs = [&](int length) {
    return (length + 2 * c.pad - ((c.size - 1) * c.dilation + 1)) / c.stride + 1;
  };
  const int oh = outputs(c.h), ow = outputs(c.w);
  const memory::desc x = f32({c.n, c.in, c.h, c.w}, variant.images);
  const memory::desc y = f32({c.n, c.out, oh, ow}, variant.images);
  const memory::desc kernel = c.groups == 1
                                  ? f32({c.out, c.in, c.size, c.size}, Tag::any)
                                  : f32({c.groups, c.out / c.groups, c.in / c.groups, c.size, c.size}, Tag::any);
  const Dims strides{c.stride, c.stride}, dilation{c.dilation - 1, c.dilation - 1}, pad{c.pad, c.pad};
  const double flops = 2.0 * c.n * oh * ow * c.out * (c.in / c.groups) * c.size * c.size;
  Passes passes;
  const auto hint = planOf<dnnl::convolution_forward>({}, kTraining, algorithm::convolution_auto, x, kernel, y, strides,
                                                      dilation, pad, pad);
  attempt([&] {
    const auto plan = planOf<dnnl::convolution_forward>({}, kTraining, variant.convolution, x, kernel, y, strides,
                                                        dilation, pad, pad);
    passes.push_back({name + ", forward",
                      describe(variant, plan),
                      flops,
                      {{dnnl::convolution_forward(plan),
                        {{DNNL_ARG_SRC, random(plan.src_desc())},
                         {DNNL_ARG_WEIGHTS, random(plan.weights_desc())},
                         {DNNL_ARG_DST, allocate(plan.dst_desc())}}}}});
  });
  attempt([&] {
    const auto plan = gradientOf<dnnl::convolution_backward_data>(hint, variant.convolution, x, kernel, y, strides,
                                                                  dilation, pad, pad);
    passes.push_back({name + ", input gradient",
                      describe(variant, plan),
                      flops,
                      {{dnnl::convolution_backward_data(plan),
                        {{DNNL_ARG_DIFF_DST, random(plan.diff_dst_desc())},
                         {DNNL_ARG_WEIGHTS, random(plan.weights_desc())},
                         {DNNL_ARG_DIFF_SRC, allocate(plan.diff_src_desc())}}}}});
  });
  attempt([&] {
    const auto plan = gradientOf<dnnl::convolution_backward_weights>(hint, variant.convolution, x, kernel, y, strides,
                                                                     dilation, pad, pad);
    passes.push_back({name + ", kernel gradient",
                      describe(variant, plan),
                      flops,
                      {{dnnl::convolution_backward_weights(plan),
                        {{DNNL_ARG_SRC, random(plan.src_desc())},
                         {DNNL_ARG_DIFF_DST, random(plan.diff_dst_desc())},
                         {DNNL_ARG_DIFF_WEIGHTS, allocate(plan.diff_weights_desc())}}}}});
  });
  return passes;
}

Passes makeDense(const std::string& name, int n, int inputs, int units, const Variant& variant) {
  const memory::desc x = f32({n, inputs}, variant.images), y = f32({n, units}, variant.images);
  const memory::desc kernel = f32({units, inputs}, Tag::any);
  const double flops = 2.0 * n * inputs * units;
  const auto plan = planOf<dnnl::inner_product_forward>({}, kTraining, x, kernel, y);
  const auto dataPlan = gradientOf<dnnl::inner_product_backward_data>(plan, x, kernel, y);
  const auto weightsPlan = gradientOf<dnnl::inner_product_backward_weights>(plan, x, kernel, y);
  const Call forward{dnnl::inner_product_forward(plan),
                     {{DNNL_ARG_SRC, random(plan.src_desc())},
                      {DNNL_ARG_WEIGHTS, random(plan.weights_desc())},
                      {DNNL_ARG_DST, allocate(plan.dst_desc())}}};
  const Call inputGradient{dnnl::inner_product_backward_data(dataPlan),
                           {{DNNL_ARG_DIFF_DST, random(dataPlan.diff_dst_desc())},
                            {DNNL_ARG_WEIGHTS, random(dataPlan.weights_desc())},
                            {DNNL_ARG_DIFF_SRC, allocate(dataPlan.diff_src_desc())}}};
  const Call kernelGradient{dnnl::inner_product_backward_weights(weightsPlan),
                            {{DNNL_ARG_SRC, random(weightsPlan.src_desc())},
                             {DNNL_ARG_DIFF_DST, random(weightsPlan.diff_dst_desc())},
                             {DNNL_ARG_DIFF_WEIGHTS, allocate(weightsPlan.diff_weights_desc())}}};
  return {{name + ", forward", describe(variant, plan), flops, {forward}},
          {name + ", input gradient", describe(variant, dataPlan), flops, {inputGradient}},
          {name + ", kernel gradient", describe(variant, weightsPlan), flops, {kernelGradient}}};
}

struct Pooling {
  std::string kind;
  int n, h, w, channels, size, stride;
};

Passes makePooling(const std::string& name, const Pooling& p, const Variant& variant) {
  const int oh = (p.h - p.size) / p.stride + 1, ow = (p.w - p.size) / p.stride + 1;
  const memory::desc x = f32({p.n, p.channels, p.h, p.w}, variant.images);
  const memory::desc y = f32({p.n, p.channels, oh, ow}, variant.images);
  const Window window{p.size, p.stride};
  const auto kind = p.kind == "max" ? algorithm::pooling_max : algorithm::pooling_avg_include_padding;
  const auto plan = poolingPlan(kTraining, kind, x, y, window);
  const auto backwardPlan = poolingGradient(plan, kind, x, y, window);
  const memory workspace = p.kind == "max" ? allocate(plan.workspace_desc()) : memory();
  Call forward{dnnl::pooling_forward(plan), {{DNNL_ARG_SRC, random(x)}, {DNNL_ARG_DST, allocate(plan.dst_desc())}}};
  if (workspace) forward.arguments[DNNL_ARG_WORKSPACE] = workspace;
  Call backward{dnnl::pooling_backward(backwardPlan),
                {{DNNL_ARG_DIFF_DST, random(y)}, {DNNL_ARG_DIFF_SRC, allocate(x)}}};
  if (workspace) backward.arguments[DNNL_ARG_WORKSPACE] = workspace;
  return {{name + ", forward", describe(variant, plan), 0, {forward}},
          {name + ", input gradient", describe(variant, backwardPlan), 0, {backward}}};
}

/// The passes of a shape in all configurations. The shape is "conv n h w in out size stride pad dilation groups",
/// "dense n inputs units" or "pool max|average n h w channels size stride".
std::vector<Passes> makeKernel(const std::string& name, const std::string& shape) {
  const auto direct = algorithm::convolution_direct;
  const Variant ownLayouts{"direct, layouts of its choice", direct, Tag::any};
  const Variant nhwc{"direct, nhwc", direct, Tag::nhwc};
  const Variant winograd{"Winograd, layouts of its choice", algorithm::convolution_winograd, Tag::any};
  const Variant blocked16{"blocked by 16 channels", direct, Tag::nChw16c}, channelsLast{"nhwc", direct, Tag::nhwc};
  const Variant blocked8{"blocked by 8 channels", direct, Tag::nChw8c};
  const Variant anyMatrix{"layouts of its choice", direct, Tag::any}, rows{"rows", direct, Tag::nc};
  std::istringstream fields(shape);
  std::string op;
  fields >> op;
  std::vector<Passes> all;
  if (op == "conv") {
    Convolution c{};
    fields >> c.n >> c.h >> c.w >> c.in >> c.out >> c.size >> c.stride >> c.pad >> c.dilation >> c.groups;
    for (const Variant& variant : {ownLayouts, nhwc, winograd}) all.push_back(makeConvolution(name, c, variant));
  } else if (op == "dense") {
    int n = 0, inputs = 0, units = 0;
    fields >> n >> inputs >> units;
    for (const Variant& variant : {anyMatrix, rows}) all.push_back(makeDense(name, n, inputs, units, variant));
  } else {
    Pooling p{};
    fields >> p.kind >> p.n >> p.h >> p.w >> p.channels >> p.size >> p.stride;
    for (const Variant& variant : {blocked16, blocked8, channelsLast}) {
      attempt([&] { all.push_back(makePooling(name, p, variant)); });
    }
  }
  return all;
}

/// Measures the shape of the latest line, whose memory stays for further turns.
class Kernel {
 public:
  explicit Kernel(const std::string& line) : line_(line) {
    const size_t bar = line.find('|');
    variants_ = makeKernel(line.substr(0, bar), line.substr(bar + 1));
  }

  bool isOf(const std::string& line) const { return line == line_; }

  void measure() {
    for (Passes& passes : variants_) time(passes);
  }

 private:
  std::string line_;
  std::vector<Passes> variants_;
};

}  // namespace

/// A server. For each line "name|shape" it measures the shape once, prints the results and then "end", or "end: reason"
/// if oneDNN refuses the shape.
void benchKernels(const std::string&) {
  std::optional<Kernel> kernel;
  for (std::string line; std::getline(std::cin, line);) {
    try {
      if (!kernel || !kernel->isOf(line)) {
        kernel.reset();
        kernel.emplace(line);
      }
      kernel->measure();
      std::printf("end\n");
    } catch (const dnnl::error& error) {
      kernel.reset();
      std::printf("end: %s\n", error.what());
    }
    std::fflush(stdout);
    // Threads that wait actively would slow the other peers down in their turns.
    omp_pause_resource_all(omp_pause_soft);
  }
}
