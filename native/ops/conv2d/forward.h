// The algorithms of a convolution's forward pass.
#pragma once

#include <string>

#include "ops/conv2d/conv.h"
#include "ops/op.h"

namespace convforge {

struct ForwardAlgorithm {
  const char* name;
  // Returns why the algorithm can't take the convolution, or an empty string.
  std::string (*decline)(const Conv&);
  // Whether other stages than weights stages read the kernel.
  bool (*reads_kernel)(const Conv&);
  // Plans the pass. With pooling and in training, it must write each output's winning index to buffers.saved[0], one
  // byte each.
  void (*plan)(const Conv&, Plan&, const OpBuffers&);
};

extern const ForwardAlgorithm kDepthwiseForward;
extern const ForwardAlgorithm kWinogradForward;
extern const ForwardAlgorithm kPointwiseForward;
extern const ForwardAlgorithm kDirectForward;

// Plans the pass with the first algorithm that doesn't decline. `kind`: see Pass.
void plan_conv_forward(const Conv& conv, Plan& plan, OpBuffers& buffers, bool training, const char* kind = "forward");

// The packed kernel and the bias that the pass uses: the parameters, or those with a normalization folded in. The bias
// may be null.
inline const float* forward_kernel(const Conv& conv, const Step& s, const OpBuffers& b) {
  return b.kernel == kNoBuffer ? s.weights + conv.kernel_offset : s.at(b.kernel);
}
inline const float* forward_bias(const Conv& conv, const Step& s, const OpBuffers& b) {
  if (b.bias != kNoBuffer) return s.at(b.bias);
  return conv.has_bias ? s.weights + conv.bias_offset : nullptr;
}

// Rows of outputs of one image.
struct Band {
  size_t image = 0;
  int begin = 0;
  int end = 0;
};

// Tasks that an image of a batch is cut into, so that small batches make enough tasks. `work`: that of an image, in
// floating-point operations of a product.
size_t forward_tasks(double work, const Step& s);
// Band `index` of `count` of an image.
Band forward_band(const Conv& conv, size_t image, size_t index, size_t count);

// A row of the fused pooling, without its addresses.
PoolRow pool_row(const Conv& conv);

// Applies the activation, if the kernel hasn't, to `filters` filters of some cells. It may follow pooling, since fused
// activations are monotonically increasing.
void activate_outputs(const Conv& conv, float* y, size_t cells, size_t filters);

// The winning indices of pooling in `saved`, or null.
inline uint8_t* pool_index(const Step& s, const OpBuffers& b) {
  return b.saved.empty() ? nullptr : reinterpret_cast<uint8_t*>(s.at(b.saved[0]));
}

// The epilogue of a pass, for explain().
std::string fused_work(const Conv& conv);

}  // namespace convforge
