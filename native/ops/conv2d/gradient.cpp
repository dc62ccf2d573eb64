#include "ops/conv2d/gradient.h"

#include <algorithm>

#include "ops/conv2d/choose.h"
#include "ops/conv2d/forward.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

const GradientAlgorithm<KernelGradient>* const kKernelAlgorithms[] = {
    &kDepthwiseKernelGradient, &kSparseKernelGradient,    &kTapKernelGradient,
    &kWinogradKernelGradient,  &kPointwiseKernelGradient, &kDirectKernelGradient};
const GradientAlgorithm<InputGradient>* const kInputAlgorithms[] = {&kDepthwiseInputGradient, &kSparseInputGradient,
                                                                    &kWinogradInputGradient,  &kPointwiseInputGradient,
                                                                    &kGatherInputGradient,    &kDirectInputGradient};

// The largest number of floats of all chunks' gradients together.
constexpr size_t kPartialFloats = size_t{1} << 26;

// Prepares the output's gradient of a block of images for an algorithm.
class BlockLoader {
 public:
  BlockLoader(const Conv& conv, const OpBuffers& buffers, const ConvGradient& gradient)
      : c_(conv), b_(buffers), images_(static_cast<size_t>(gradient.block_images())), dense_(gradient.needs_dense()) {}

  size_t images() const { return images_; }
  size_t scratch() const { return pooled_floats() + dense_floats(); }
  GradientBlock load(const Step& s, size_t first, size_t count, float* scratch) const;

 private:
  bool activated() const { return c_.activation.kind != Activation::Kind::kLinear; }
  size_t pooled_floats() const { return activated() ? round_up(images_ * c_.output_size(), kLineFloats) : 0; }
  size_t dense_floats() const {
    return dense_ && c_.pool ? round_up(images_ * c_.cells() * c_.filters, kLineFloats) : 0;
  }
  void unpool(const GradientBlock& block, float* dense) const;

  const Conv& c_;
  OpBuffers b_;
  size_t images_;
  bool dense_;
};

GradientBlock BlockLoader::load(const Step& s, size_t first, size_t count, float* scratch) const {
  const size_t offset = first * c_.output_size();
  GradientBlock block;
  block.images = static_cast<int>(count);
  block.first = first;
  block.batch = static_cast<size_t>(s.n);
  block.pooled = s.at(b_.d_out) + offset;
  if (activated()) {
    kernels().activate_backward(c_.activation, s.at(b_.out) + offset, block.pooled, scratch, count * c_.output_size());
    block.pooled = scratch;
  }
  if (c_.pool) block.index = pool_index(s, b_) + offset;
  if (!dense_) return block;
  block.dense = block.pooled;
  if (c_.pool) {
    float* dense = scratch + pooled_floats();
    unpool(block, dense);
    block.dense = dense;
  }
  return block;
}

void BlockLoader::unpool(const GradientBlock& block, float* dense) const {
  const Window& w = c_.window;
  const ptrdiff_t dense_row = static_cast<ptrdiff_t>(w.out_w) * c_.filters;
  const ptrdiff_t pooled_row = static_cast<ptrdiff_t>(c_.out_w) * c_.filters;
  // Rows and columns that no window covers have no gradient.
  if (c_.out_w * c_.pool_columns < w.out_w || c_.out_h * c_.pool_rows < w.out_h)
    std::fill(dense, dense + block.images * w.out_h * dense_row, 0.0f);
  UnpoolRow p;
  p.dy_column = c_.filters;
  p.rows = c_.pool_rows;
  p.outputs = c_.out_w;
  p.column_begin = c_.pool_begin.data();
  p.column_end = c_.pool_end.data();
  p.channels = c_.filters;
  p.dx_row = dense_row;
  p.dx_column = c_.filters;
  for (int image = 0; image < block.images; ++image) {
    for (int row = 0; row < c_.out_h; ++row) {
      const ptrdiff_t offset = (static_cast<ptrdiff_t>(image) * c_.out_h + row) * pooled_row;
      p.dy = block.pooled + offset;
      p.dx = dense + (static_cast<ptrdiff_t>(image) * w.out_h + row * c_.pool_rows) * dense_row;
      kernels().max_unpool_u8(p, block.index + offset);
    }
  }
}

// One of the two passes. Gradient is KernelGradient or InputGradient.
template <typename Gradient>
class GradientPass {
 public:
  GradientPass(const Conv& conv, const OpBuffers& buffers, std::shared_ptr<const Gradient> gradient)
      : c_(conv), b_(buffers), gradient_(std::move(gradient)), loader_(conv, buffers, *gradient_) {}

 protected:
  // Whether the pass copies images into or out of padded ones for the algorithm.
  bool pads() const { return c_.window.padded() && !gradient_->handles_padding(); }
  size_t padded_image() const { return c_.padded_floats(c_.window.padded_h()); }
  size_t padded_floats() const { return pads() ? round_up(loader_.images() * padded_image(), kLineFloats) : 0; }
  size_t scratch() const { return loader_.scratch() + padded_floats() + gradient_->scratch(); }

  const Conv& c_;
  OpBuffers b_;
  std::shared_ptr<const Gradient> gradient_;
  BlockLoader loader_;
};

class KernelPass : public GradientPass<KernelGradient> {
 public:
  using GradientPass::GradientPass;

  void plan(Plan& plan) {
    const size_t max_images = static_cast<size_t>(plan.capacity());
    const size_t stored = gradient_->stored_floats(std::min(max_images, gradient_->max_stored_images()));
    partial_ = plan.workspace(0, stores_images(max_images) ? stored : std::max(stored, chunks(max_images) * stride()));
    if (c_.has_bias) bias_ = plan.workspace(0, std::min(kChunks, max_images) * bias_stride());
    plan.need_scratch(scratch());
    plan.need_scratch(gradient_->combine_scratch());
    std::vector<BufferId> uses = {b_.in, b_.out, b_.d_out, partial_, bias_};
    uses.insert(uses.end(), b_.saved.begin(), b_.saved.end());
    plan.stage(
        uses, [pass = *this](const Step& s) { return pass.chunks(static_cast<size_t>(s.n)); },
        [pass = *this](const Step& s, size_t task, float* scratch) { pass.run(s, task, scratch); });
    plan.stage(
        {partial_, bias_},
        [pass = *this](const Step& s) { return pass.gradient_->combine_tasks(static_cast<size_t>(s.n)); },
        [pass = *this](const Step& s, size_t task, float* scratch) { pass.combine(s, task, scratch); });
  }

 private:
  // Whether the images of a batch of n are stored. It depends on n alone, not on the largest batch of the plan.
  bool stores_images(size_t n) const { return n <= gradient_->max_stored_images(); }
  // Floats from one chunk's sums to the next.
  size_t stride() const { return round_up(gradient_->partial_floats(), kLineFloats); }
  size_t bias_stride() const { return c_.panels() * kPanel; }
  size_t chunks(size_t n) const {
    const size_t fit = stores_images(n) ? kChunks : std::max<size_t>(1, kPartialFloats / stride());
    return std::min({kChunks, fit, n});
  }

  void run(const Step& s, size_t chunk, float* scratch) const {
    const size_t n = static_cast<size_t>(s.n);
    const size_t begin = chunk * n / chunks(n);
    const size_t end = (chunk + 1) * n / chunks(n);
    float* partial = s.at(partial_) + (stores_images(n) ? 0 : chunk * stride());
    float* padded = scratch + loader_.scratch();
    for (size_t first = begin; first < end; first += loader_.images()) {
      const size_t count = std::min(loader_.images(), end - first);
      GradientBlock block = loader_.load(s, first, count, scratch);
      block.x = s.at(b_.in) + first * c_.input_size();
      if (pads()) {
        for (size_t i = 0; i < count; ++i)
          copy_padded_rows(c_.window, block.x + i * c_.input_size(), 0, c_.window.padded_h(),
                           padded + i * padded_image());
        block.x = padded;
      }
      if (c_.has_bias) {
        kernels().sum_rows(block.pooled, count * c_.output_size() / static_cast<size_t>(c_.filters), c_.filters,
                           s.at(bias_) + chunk * bias_stride(), c_.filters, first > begin);
      }
      gradient_->run(block, partial, first > begin, padded + padded_floats());
    }
  }

  void combine(const Step& s, size_t task, float* scratch) const {
    const size_t n = static_cast<size_t>(s.n);
    const Partials partials = {s.at(partial_), stride(), chunks(n), n};
    gradient_->combine(partials, s.gradients + c_.kernel_gradient, task, scratch);
    if (task != 0 || !c_.has_bias) return;
    const float* sums = s.at(bias_);
    float* bias = s.gradients + c_.bias_gradient;
    std::copy_n(sums, c_.filters, bias);
    for (size_t chunk = 1; chunk < partials.chunks; ++chunk)
      kernels().accumulate(sums + chunk * bias_stride(), bias, static_cast<size_t>(c_.filters));
  }

  BufferId partial_ = kNoBuffer;
  BufferId bias_ = kNoBuffer;
};

class InputPass : public GradientPass<InputGradient> {
 public:
  using GradientPass::GradientPass;

  void plan(Plan& plan) {
    plan.need_scratch(scratch());
    if (gradient_->prepared_floats() > 0) {
      prepared_ = plan.workspace(0, gradient_->prepared_floats());
      plan.stage(
          {prepared_}, [gradient = gradient_](const Step&) { return gradient->prepare_tasks(); },
          [pass = *this](const Step& s, size_t task, float*) {
            pass.gradient_->prepare(s.weights + pass.c_.kernel_offset, s.at(pass.prepared_), task);
          });
    }
    std::vector<BufferId> uses = {b_.out, b_.d_out, b_.d_in, prepared_};
    uses.insert(uses.end(), b_.saved.begin(), b_.saved.end());
    plan.stage(
        uses, [images = loader_.images()](const Step& s) { return ceil_div(static_cast<size_t>(s.n), images); },
        [pass = *this](const Step& s, size_t task, float* scratch) { pass.run(s, task, scratch); });
  }

 private:
  void run(const Step& s, size_t task, float* scratch) const {
    const size_t first = task * loader_.images();
    const size_t count = std::min(loader_.images(), static_cast<size_t>(s.n) - first);
    float* d_in = s.at(b_.d_in) + first * c_.input_size();
    float* padded = scratch + loader_.scratch();
    float* rest = padded + padded_floats();
    const GradientBlock block = loader_.load(s, first, count, scratch);
    const float* kernel = prepared_ == kNoBuffer ? s.weights + c_.kernel_offset : s.at(prepared_);
    gradient_->run(block, kernel, pads() ? padded : d_in, rest);
    if (!pads()) return;
    for (size_t i = 0; i < count; ++i)
      copy_unpadded(c_.window, padded + i * padded_image(), d_in + i * c_.input_size());
  }

  BufferId prepared_ = kNoBuffer;
};

}  // namespace

void plan_conv_kernel_gradient(const Conv& conv, Plan& plan, const OpBuffers& buffers, const char* kind) {
  const auto& kernel = choose(kKernelAlgorithms, conv, {.kind = kind}, plan);
  KernelPass(conv, buffers, kernel.make(conv)).plan(plan);
}

void plan_conv_input_gradient(const Conv& conv, Plan& plan, const OpBuffers& buffers, const char* kind) {
  const auto& input = choose(kInputAlgorithms, conv, {.kind = kind}, plan);
  InputPass(conv, buffers, input.make(conv)).plan(plan);
}

void plan_conv_backward(const Conv& conv, Plan& plan, const OpBuffers& buffers) {
  if (buffers.trains) plan_conv_kernel_gradient(conv, plan, buffers, "kernel gradient");
  if (buffers.d_in != kNoBuffer) plan_conv_input_gradient(conv, plan, buffers, "input gradient");
}

}  // namespace convforge
