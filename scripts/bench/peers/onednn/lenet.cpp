#include "support.h"

#include <cmath>
#include <random>

using dnnl::algorithm;
using dnnl::memory;
using dnnl::prop_kind;
using Tag = memory::format_tag;
using Dims = memory::dims;

namespace {

constexpr int kClasses = 10;

memory::desc f32(const Dims& dims, Tag tag) { return {dims, memory::data_type::f32, tag}; }

float* data(const memory& values) { return static_cast<float*>(values.get_data_handle()); }

int64_t length(const memory& values) { return static_cast<int64_t>(values.get_desc().get_size() / sizeof(float)); }

Dims dimsOf(const memory& values) {
#if DNNL_VERSION_MAJOR >= 3
  return values.get_desc().get_dims();
#else
  return values.get_desc().dims();
#endif
}

memory zeros(const memory::desc& layout) {
  memory values = allocate(layout);
  std::fill_n(data(values), length(values), 0.0f);
  return values;
}

/// `from` in another layout. Appends a reorder to `calls` if the layouts differ.
memory inLayout(const memory& from, const memory::desc& layout, std::vector<Call>& calls) {
  if (from.get_desc() == layout) return from;
  memory to = allocate(layout);
  calls.push_back({dnnl::reorder(from, to), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}}});
  return to;
}

/// Appends a reorder to `calls` that copies `values` to `to`, unless they are already there.
void copyTo(const memory& to, const memory& values, std::vector<Call>& calls) {
  if (to.get_data_handle() == values.get_data_handle()) return;
  calls.push_back({dnnl::reorder(values, to), {{DNNL_ARG_FROM, values}, {DNNL_ARG_TO, to}}});
}

dnnl::primitive_attr withRelu() {
  dnnl::post_ops relu;
#if DNNL_VERSION_MAJOR >= 3
  relu.append_eltwise(algorithm::eltwise_relu, 0, 0);
#else
  relu.append_eltwise(1, algorithm::eltwise_relu, 0, 0);
#endif
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(relu);
  return attributes;
}

/// All in one layout, so that Adam needs no indexes.
struct Parameter {
  memory value, gradient, m, v;
};

/// The LeNet for one batch size. Allocates all memory once.
class Lenet {
 public:
  Lenet(int batch, bool training, Tag tag) : batch_(batch), training_(training), tag_(tag) {
    input_ = memory(f32({batch, 1, 28, 28}, tag == Tag::any ? Tag::nchw : tag), cpu(), nullptr);
    memory x = convolution(input_, 32);
    x = maxPooling(x);
    x = convolution(x, 64);
    x = maxPooling(x);
    x = dense(x, 1000, true);
    x = dense(x, kClasses, false);
    logits_ = inLayout(x, f32({batch, kClasses}, Tag::nc), forward_);
    if (!training) return;
    gradient_ = allocate(f32({batch, kClasses}, Tag::nc));
    memory dy = gradient_;
    for (size_t i = backward_.size(); i-- > 0;) dy = backward_[i](dy);
  }

  void predict(float* images) {
    input_.set_data_handle(images);
    run(forward_);
    probabilities_.resize(static_cast<size_t>(batch_) * kClasses);
    for (int i = 0; i < batch_; ++i) softmax(data(logits_) + i * kClasses, &probabilities_[i * kClasses]);
  }

  /// Returns the mean loss.
  double train(float* images, const unsigned char* labels) {
    predict(images);
    double loss = 0;
    for (int i = 0; i < batch_; ++i) {
      const float* p = &probabilities_[i * kClasses];
      loss -= std::log(p[labels[i]]);
      for (int c = 0; c < kClasses; ++c)
        data(gradient_)[i * kClasses + c] = (p[c] - (c == labels[i])) / static_cast<float>(batch_);
    }
    run(backwardCalls_);
    adam();
    return loss / batch_;
  }

 private:
  static void softmax(const float* logits, float* probabilities) {
    const float top = *std::max_element(logits, logits + kClasses);
    float sum = 0;
    for (int c = 0; c < kClasses; ++c) sum += probabilities[c] = std::exp(logits[c] - top);
    for (int c = 0; c < kClasses; ++c) probabilities[c] /= sum;
  }

  prop_kind propagation() const { return training_ ? prop_kind::forward_training : prop_kind::forward_inference; }

  /// Glorot uniform kernels, and biases of zero.
  Parameter& parameter(const memory::desc& layout, const Dims& dims, double fans) {
    static const Tag kPlain[] = {Tag::undef, Tag::a, Tag::ab, Tag::undef, Tag::abcd};
    memory plain = zeros(f32(dims, kPlain[dims.size()]));
    const auto limit = static_cast<float>(fans > 0 ? std::sqrt(6 / fans) : 0);
    std::uniform_real_distribution<float> uniform(-limit, limit);
    if (limit > 0) std::generate_n(data(plain), length(plain), [&] { return uniform(random_); });
    memory value = zeros(layout);
    dnnl::reorder(plain, value).execute(stream(), plain, value);
    parameters_.push_back({value, zeros(layout), zeros(layout), zeros(layout)});
    return parameters_.back();
  }

  /// 5x5, valid, ReLU fused.
  memory convolution(const memory& x, int filters) {
    const Dims in = dimsOf(x);
    const Dims kernelDims{filters, in[1], 5, 5};
    const memory::desc anyKernel = f32(kernelDims, Tag::any);
    const memory::desc bias = f32({filters}, Tag::x);
    const memory::desc anyOut = f32({batch_, filters, in[2] - 4, in[3] - 4}, tag_);
    const memory::desc source = in[1] == 1 ? x.get_desc() : f32(in, tag_);
    const Dims one{1, 1}, none{0, 0};
    const auto direct = algorithm::convolution_direct;
    const auto plan = planOf<dnnl::convolution_forward>(withRelu(), propagation(), direct, source, anyKernel, bias,
                                                        anyOut, one, none, none);
    const memory from = inLayout(x, plan.src_desc(), forward_);
    const double fans = 25.0 * (static_cast<double>(in[1]) + filters);
    const Parameter w = parameter(plan.weights_desc(), kernelDims, fans), b = parameter(bias, {filters}, 0);
    memory y = allocate(plan.dst_desc());
    forward_.push_back(
        {dnnl::convolution_forward(plan),
         {{DNNL_ARG_SRC, from}, {DNNL_ARG_WEIGHTS, w.value}, {DNNL_ARG_BIAS, b.value}, {DNNL_ARG_DST, y}}});
    backward_.push_back([=, this](const memory& dy) {
      std::vector<Call>& calls = backwardCalls_;
      const auto weightsPlan = gradientOf<dnnl::convolution_backward_weights>(plan, direct, source, anyKernel, bias,
                                                                              anyOut, one, none, none);
      const memory dw = w.gradient.get_desc() == weightsPlan.diff_weights_desc()
                            ? w.gradient
                            : allocate(weightsPlan.diff_weights_desc());
      calls.push_back({dnnl::convolution_backward_weights(weightsPlan),
                       {{DNNL_ARG_SRC, inLayout(from, weightsPlan.src_desc(), calls)},
                        {DNNL_ARG_DIFF_DST, inLayout(dy, weightsPlan.diff_dst_desc(), calls)},
                        {DNNL_ARG_DIFF_WEIGHTS, dw},
                        {DNNL_ARG_DIFF_BIAS, b.gradient}}});
      copyTo(w.gradient, dw, calls);
      if (in[1] == 1) return memory();
      const auto dataPlan =
          gradientOf<dnnl::convolution_backward_data>(plan, direct, source, anyKernel, anyOut, one, none, none);
      memory dx = allocate(dataPlan.diff_src_desc());
      calls.push_back({dnnl::convolution_backward_data(dataPlan),
                       {{DNNL_ARG_DIFF_DST, inLayout(dy, dataPlan.diff_dst_desc(), calls)},
                        {DNNL_ARG_WEIGHTS, inLayout(w.value, dataPlan.weights_desc(), calls)},
                        {DNNL_ARG_DIFF_SRC, dx}}});
      return dx;
    });
    return y;
  }

  /// 2x2. Its backward pass includes the ReLU's, on a quarter of the elements: either the maximum is above zero, or all
  /// of its window is zero.
  memory maxPooling(const memory& x) {
    const Dims in = dimsOf(x);
    const memory::desc anyOut = f32({in[0], in[1], in[2] / 2, in[3] / 2}, Tag::any);
    const Window window{2, 2};
    const auto plan = poolingPlan(propagation(), algorithm::pooling_max, x.get_desc(), anyOut, window);
    memory y = allocate(plan.dst_desc());
    Call call{dnnl::pooling_forward(plan), {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, y}}};
    memory workspace;
    if (training_) call.arguments[DNNL_ARG_WORKSPACE] = workspace = allocate(plan.workspace_desc());
    forward_.push_back(call);
    backward_.push_back([=, this](const memory& gradient) {
      const memory dy = inLayout(passRelu(y, gradient), y.get_desc(), backwardCalls_);
      const auto backwardPlan = poolingGradient(plan, algorithm::pooling_max, x.get_desc(), y.get_desc(), window);
      memory dx = allocate(backwardPlan.diff_src_desc());
      backwardCalls_.push_back({dnnl::pooling_backward(backwardPlan),
                                {{DNNL_ARG_DIFF_DST, dy}, {DNNL_ARG_WORKSPACE, workspace}, {DNNL_ARG_DIFF_SRC, dx}}});
      return dx;
    });
    return y;
  }

  memory dense(const memory& x, int units, bool relu) {
    const Dims in = dimsOf(x);
    Dims kernelDims = in;
    kernelDims[0] = units;
    const memory::desc anyIn = f32(in, Tag::any), anyKernel = f32(kernelDims, Tag::any);
    const memory::desc bias = f32({units}, Tag::x), anyOut = f32({batch_, units}, Tag::any);
    const auto plan = planOf<dnnl::inner_product_forward>(relu ? withRelu() : dnnl::primitive_attr(), propagation(),
                                                          anyIn, anyKernel, bias, anyOut);
    const memory from = inLayout(x, plan.src_desc(), forward_);
    double inputs = 1;
    for (size_t i = 1; i < in.size(); ++i) inputs *= static_cast<double>(in[i]);
    const Parameter w = parameter(plan.weights_desc(), kernelDims, inputs + units);
    const Parameter b = parameter(bias, {units}, 0);
    memory y = allocate(plan.dst_desc());
    forward_.push_back(
        {dnnl::inner_product_forward(plan),
         {{DNNL_ARG_SRC, from}, {DNNL_ARG_WEIGHTS, w.value}, {DNNL_ARG_BIAS, b.value}, {DNNL_ARG_DST, y}}});
    backward_.push_back([=, this](const memory& gradient) {
      std::vector<Call>& calls = backwardCalls_;
      const memory dy = relu ? passRelu(y, gradient) : gradient;
      const auto weightsPlan = gradientOf<dnnl::inner_product_backward_weights>(plan, anyIn, anyKernel, bias, anyOut);
      const memory dw = w.gradient.get_desc() == weightsPlan.diff_weights_desc()
                            ? w.gradient
                            : allocate(weightsPlan.diff_weights_desc());
      calls.push_back({dnnl::inner_product_backward_weights(weightsPlan),
                       {{DNNL_ARG_SRC, inLayout(from, weightsPlan.src_desc(), calls)},
                        {DNNL_ARG_DIFF_DST, inLayout(dy, weightsPlan.diff_dst_desc(), calls)},
                        {DNNL_ARG_DIFF_WEIGHTS, dw},
                        {DNNL_ARG_DIFF_BIAS, b.gradient}}});
      copyTo(w.gradient, dw, calls);
      const auto dataPlan = gradientOf<dnnl::inner_product_backward_data>(plan, anyIn, anyKernel, anyOut);
      memory dx = allocate(dataPlan.diff_src_desc());
      calls.push_back({dnnl::inner_product_backward_data(dataPlan),
                       {{DNNL_ARG_DIFF_DST, inLayout(dy, dataPlan.diff_dst_desc(), calls)},
                        {DNNL_ARG_WEIGHTS, inLayout(w.value, dataPlan.weights_desc(), calls)},
                        {DNNL_ARG_DIFF_SRC, dx}}});
      return dx;
    });
    return y;
  }

  /// The gradient of a ReLU with output y, in place.
  memory passRelu(const memory& y, const memory& gradient) {
    const memory dy = inLayout(gradient, y.get_desc(), backwardCalls_);
    const auto relu = algorithm::eltwise_relu_use_dst_for_bwd;
    const memory::desc layout = y.get_desc();
#if DNNL_VERSION_MAJOR >= 3
    const dnnl::eltwise_forward::primitive_desc hint(cpu(), prop_kind::forward_training, relu, layout, layout, 0, 0);
    const dnnl::eltwise_backward::primitive_desc plan(cpu(), relu, layout, layout, layout, 0, 0, hint);
#else
    const dnnl::eltwise_forward::primitive_desc hint({prop_kind::forward_training, relu, layout, 0, 0}, cpu());
    const dnnl::eltwise_backward::primitive_desc plan({relu, layout, layout, 0, 0}, cpu(), hint);
#endif
    backwardCalls_.push_back(
        {dnnl::eltwise_backward(plan), {{DNNL_ARG_DST, y}, {DNNL_ARG_DIFF_DST, dy}, {DNNL_ARG_DIFF_SRC, dy}}});
    return dy;
  }

  void adam() {
    ++steps_;
    const double unbiased = std::sqrt(1 - std::pow(0.999, steps_)) / (1 - std::pow(0.9, steps_));
    const auto rate = static_cast<float>(0.001 * unbiased);
#pragma omp parallel
    for (const Parameter& parameter : parameters_) {
      float *value = data(parameter.value), *m = data(parameter.m), *v = data(parameter.v);
      const float* gradient = data(parameter.gradient);
      const int64_t count = length(parameter.value);
#pragma omp for simd nowait
      for (int64_t i = 0; i < count; ++i) {
        const float g = gradient[i];
        m[i] = 0.9f * m[i] + 0.1f * g;
        v[i] = 0.999f * v[i] + 0.001f * g * g;
        value[i] -= rate * m[i] / (std::sqrt(v[i]) + 1e-7f);
      }
    }
  }

  int batch_;
  bool training_;
  Tag tag_;
  memory input_, logits_, gradient_;
  std::vector<float> probabilities_;
  std::vector<Call> forward_, backwardCalls_;
  /// For each layer, maps its output gradient to its input gradient, and appends to backwardCalls_.
  std::vector<std::function<memory(const memory&)>> backward_;
  std::vector<Parameter> parameters_;
  std::mt19937 random_{1};
  int steps_ = 0;
};

void benchLayout(Images& images, Tag tag, const std::string& layouts) {
  constexpr int kBatch = 128, kEpochs = 2;
  const int count = static_cast<int>(images.labels.size()), batches = count / kBatch;
  const auto batch = [&](int i) { return &images.pixels[static_cast<size_t>(i) * kBatch * Images::kPixels]; };
  const auto imagesPerSecond = [&](std::vector<double> seconds) {
    for (double& value : seconds) value = batches * kBatch / value;
    return seconds;
  };
  {
    Lenet model(kBatch, true, tag);
    double loss = 0;
    const auto epoch = [&] {
      loss = 0;
      for (int i = 0; i < batches; ++i) loss += model.train(batch(i), &images.labels[i * kBatch]) / batches;
    };
    const auto seconds = secondsPerRun(epoch, kEpochs, 0);
    report("LeNet training, batch 128", "images/s", layouts + "; ReLU fused; Adam by a vectorised loop",
           imagesPerSecond(seconds), loss);
  }
  {
    Lenet model(kBatch, false, tag);
    const auto all = [&] {
      for (int i = 0; i < batches; ++i) model.predict(batch(i));
    };
    report("LeNet inference, batch 128", "images/s", layouts + "; ReLU fused",
           imagesPerSecond(secondsPerRun(all, 5, 0)));
  }
  Lenet model(1, false, tag);
  std::vector<double> medians;
  for (int block = 0; block < 5; ++block) {
    std::vector<double> calls;
    for (int i = 0; i < 300; ++i) {
      const auto one = [&] { model.predict(batch(0) + static_cast<ptrdiff_t>(i) * Images::kPixels); };
      const auto start = std::chrono::steady_clock::now();
      one();
      calls.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
    }
    std::nth_element(calls.begin(), calls.begin() + 150, calls.end());
    medians.push_back(calls[150]);
  }
  report("LeNet inference, batch 1, p50", "us", layouts + "; ReLU fused", medians);
}

}  // namespace

void benchLenet(const std::string& folder) {
  Images images = readImages(folder);
  benchLayout(images, Tag::any, "blocked layouts of its choice");
  benchLayout(images, Tag::nhwc, "nhwc");
}
