// The ways to compute a convolution's forward pass.
#pragma once

#include <string>

#include "ops/conv2d/conv.h"
#include "ops/op.h"

namespace convforge {

struct ForwardAlgorithm {
  const char* name;
  // Why not, or empty.
  std::string (*decline)(const Conv&);
  // With pooling and in training, the place of each output in its window is to be kept in buffers.saved[0], a byte
  // each.
  void (*plan)(const Conv&, Plan&, const OpBuffers&);
};

extern const ForwardAlgorithm kDepthwiseForward;
extern const ForwardAlgorithm kWinogradForward;
extern const ForwardAlgorithm kPointwiseForward;
extern const ForwardAlgorithm kDirectForward;

// Plans the pass by the first algorithm that takes it. `kind`: see Pass.
void plan_conv_forward(const Conv& conv, Plan& plan, OpBuffers& buffers, bool training, const char* kind = "forward");

// Rows of outputs of one image.
struct Band {
  size_t image = 0;
  int begin = 0;
  int end = 0;
};

// Bands that each image is split into, so that a small batch makes enough tasks, and the band of a task.
size_t forward_bands(const Conv& conv, const Step& s);
Band forward_band(const Conv& conv, const Step& s, size_t task);

// A row of the pooling that is done on the way, but for where it reads and writes.
PoolRow pool_row(const Conv& conv);

// The activation of images that no kernel has done on the way; all that are absorbed rise monotonically, so that
// pooling may go first.
void activate_outputs(const Conv& conv, float* y, size_t n);

// The places in pooling windows that `saved` keeps, or null.
inline uint8_t* pool_index(const Step& s, const OpBuffers& b) {
  return b.saved.empty() ? nullptr : reinterpret_cast<uint8_t*>(s.at(b.saved[0]));
}

// What a pass does besides, for explain().
std::string fused_work(const Conv& conv);

}  // namespace convforge
