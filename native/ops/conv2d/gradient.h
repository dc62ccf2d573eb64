// The backward pass of a convolution: one pass for the kernel gradient and one for the input gradient, each with an
// algorithm of its own. Images go through an algorithm in blocks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "ops/conv2d/conv.h"
#include "ops/op.h"

namespace convforge {

// A block of images, as an algorithm sees it.
struct GradientBlock {
  int images = 0;
  size_t first = 0;  // number of the first one in the batch
  size_t batch = 0;  // images of the batch
  // The input [images][padded height][padded width][channels], for the kernel gradient only.
  const float* x = nullptr;
  // The gradient through the activation, [images][out_h][out_w][filters] of the pooled sizes, and the winning index of
  // each pooling window.
  const float* pooled = nullptr;
  const uint8_t* index = nullptr;
  // The gradient before pooling, if needs_dense(): [images][window.out_h][window.out_w][filters].
  const float* dense = nullptr;
};

class ConvGradient {
 public:
  virtual ~ConvGradient() = default;
  // The largest number of images in a block.
  virtual int block_images() const { return 1; }
  virtual bool needs_dense() const { return true; }
  // Whether the algorithm takes and writes images without padding.
  virtual bool handles_padding() const { return false; }
  // Floats of scratch per task.
  virtual size_t scratch() const { return 0; }
};

// The largest number of chunks of a batch. Each has a kernel gradient of its own, and these are added in order.
inline constexpr size_t kChunks = 16;

// The results of a kernel gradient's tasks: sums over each chunk of the batch, `stride` floats apart, or the stored
// images of the whole batch.
struct Partials {
  const float* at = nullptr;
  size_t stride = 0;
  size_t chunks = 0;
  size_t images = 0;
};

// Computes the kernel gradient over chunks of the batch, in a layout of its own.
class KernelGradient : public ConvGradient {
 public:
  // Batches of up to max_stored_images() are small: run() stores the transformed images, each in its place, and
  // combine() computes the sums.
  virtual size_t max_stored_images() const { return 0; }
  virtual size_t stored_floats(size_t /*images*/) const { return 0; }
  // Floats of a chunk's sums.
  virtual size_t partial_floats() const = 0;
  virtual void run(const GradientBlock& block, float* partial, bool accumulate, float* scratch) const = 0;
  // combine() adds the chunks' sums in order and writes the kernel gradient in the parameter's layout.
  virtual size_t combine_tasks(size_t images) const = 0;
  virtual size_t combine_scratch() const { return 0; }
  virtual void combine(const Partials& partials, float* gradient, size_t task, float* scratch) const = 0;
};

class InputGradient : public ConvGradient {
 public:
  // The kernel in the algorithm's layout, made once per step. With prepared_floats() of 0, run() gets the kernel as it
  // is stored.
  virtual size_t prepared_floats() const { return 0; }
  virtual size_t prepare_tasks() const { return 0; }
  virtual void prepare(const float* /*kernel*/, float* /*prepared*/, size_t /*task*/) const {}
  // Must fill dx [images][padded height][padded width][channels].
  virtual void run(const GradientBlock& block, const float* prepared, float* dx, float* scratch) const = 0;
};

template <typename Gradient>
struct GradientAlgorithm {
  const char* name;
  // Returns why the algorithm can't take the convolution, or an empty string.
  std::string (*decline)(const Conv&);
  std::unique_ptr<Gradient> (*make)(const Conv&);
};

extern const GradientAlgorithm<KernelGradient> kDepthwiseKernelGradient;
extern const GradientAlgorithm<KernelGradient> kDirectKernelGradient;
extern const GradientAlgorithm<KernelGradient> kPointwiseKernelGradient;
extern const GradientAlgorithm<KernelGradient> kSparseKernelGradient;
extern const GradientAlgorithm<KernelGradient> kTapKernelGradient;
extern const GradientAlgorithm<KernelGradient> kWinogradKernelGradient;
extern const GradientAlgorithm<InputGradient> kDepthwiseInputGradient;
extern const GradientAlgorithm<InputGradient> kDirectInputGradient;
extern const GradientAlgorithm<InputGradient> kGatherInputGradient;
extern const GradientAlgorithm<InputGradient> kPointwiseInputGradient;
extern const GradientAlgorithm<InputGradient> kSparseInputGradient;
extern const GradientAlgorithm<InputGradient> kWinogradInputGradient;

// Plan one gradient with the first algorithm that doesn't decline. `kind`: see Pass.
void plan_conv_kernel_gradient(const Conv& conv, Plan& plan, const OpBuffers& buffers, const char* kind);
void plan_conv_input_gradient(const Conv& conv, Plan& plan, const OpBuffers& buffers, const char* kind);

// Plans the gradients that are needed.
void plan_conv_backward(const Conv& conv, Plan& plan, const OpBuffers& buffers);

}  // namespace convforge
