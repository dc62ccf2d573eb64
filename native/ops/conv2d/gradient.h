// The backward pass of a convolution: one pass for the kernel's gradient and one for the input's, each by an algorithm
// of its own. Images go through an algorithm in blocks.
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
  size_t first = 0;  // the first one's place in the batch,
  size_t batch = 0;  // of so many images
  // [images][padded height][padded width][channels], for the kernel's gradient only.
  const float* x = nullptr;
  // The gradient through the activation, [images][out_h][out_w][filters] of the pooled sizes, and each one's place in
  // its pooling window.
  const float* pooled = nullptr;
  const uint8_t* index = nullptr;
  // The same before pooling, if the algorithm wants it: [images][window.out_h][window.out_w][filters].
  const float* dense = nullptr;
};

class ConvGradient {
 public:
  virtual ~ConvGradient() = default;
  // Images that it takes at once, at most.
  virtual int block_images() const { return 1; }
  virtual bool wants_dense() const { return true; }
  // Whether images come and go as they are, without padding around them.
  virtual bool pads_itself() const { return false; }
  // Floats of a task's memory.
  virtual size_t scratch() const { return 0; }
};

// The batch is split into at most so many chunks, each with a kernel gradient of its own, added up in order afterwards.
inline constexpr size_t kChunks = 16;

// What the tasks of a kernel's gradient have left: sums of so many chunks of the batch, `stride` floats apart, or what
// is laid out of all its images.
struct Partials {
  const float* at = nullptr;
  size_t stride = 0;
  size_t chunks = 0;
  size_t images = 0;
};

// Sums the kernel's gradient over a chunk of the batch, in a layout of its own.
class KernelGradient : public ConvGradient {
 public:
  // Of batches up to so many images run() lays out the images instead, each in its place, and combine() does the sums.
  virtual size_t kept_images() const { return 0; }
  virtual size_t kept_floats(size_t /*images*/) const { return 0; }
  // Of a chunk's sums.
  virtual size_t partial_floats() const = 0;
  virtual void run(const GradientBlock& block, float* partial, bool accumulate, float* scratch) const = 0;
  // Adds the chunks' sums in their order, and stores the kernel's gradient as a parameter is stored.
  virtual size_t combine_tasks(size_t images) const = 0;
  virtual size_t combine_scratch() const { return 0; }
  virtual void combine(const Partials& partials, float* gradient, size_t task, float* scratch) const = 0;
};

class InputGradient : public ConvGradient {
 public:
  // The kernel as the algorithm wants it, made once a step; without floats of its own it is the kernel as it is stored.
  virtual size_t prepared_floats() const { return 0; }
  virtual size_t prepare_tasks() const { return 0; }
  virtual void prepare(const float* /*kernel*/, float* /*prepared*/, size_t /*task*/) const {}
  // Overwrites dx, [images][padded height][padded width][channels].
  virtual void run(const GradientBlock& block, const float* prepared, float* dx, float* scratch) const = 0;
};

template <typename Gradient>
struct GradientAlgorithm {
  const char* name;
  // Why not, or empty.
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

// Plan one gradient by the first algorithm that takes it. `kind`: see Pass.
void plan_conv_kernel_gradient(const Conv& conv, Plan& plan, const OpBuffers& buffers, const char* kind);
void plan_conv_input_gradient(const Conv& conv, Plan& plan, const OpBuffers& buffers, const char* kind);

// Plans those that are wanted.
void plan_conv_backward(const Conv& conv, Plan& plan, const OpBuffers& buffers);

}  // namespace convforge
