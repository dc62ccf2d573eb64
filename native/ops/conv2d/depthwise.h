// What the passes of a depthwise convolution share. Several filters a channel are computed as if each had a channel of
// its own: the image is copied with each channel repeated, [height][width][filters].
#pragma once

#include <string>

#include "ops/conv2d/conv.h"

namespace convforge {

std::string decline_depthwise(const Conv& conv);

// Filters of each channel.
inline int depth_multiplier(const Conv& conv) { return conv.filters / conv.window.channels; }

// Whether an array of so many images should go past the caches, which it would only sweep: it is large, and its vectors
// are whole cache lines.
bool streams(size_t images, size_t image_floats, int channels);

// The windows of the forward pass over images of `width` columns, the kernel as it is stored.
DepthwiseWindows depthwise_windows(const Conv& conv, int width);

// Rows of an image that windows lie over, [height][row floats].
struct ImageRows {
  const float* x = nullptr;
  ptrdiff_t row = 0;
  int height = 0;
};

// Sets the rows of windows whose kernel row i of `taps` lies at row first + i * dilation, leaving out what is outside
// of the image. Returns the first kernel row inside. The next windows are `advance` rows further.
int place_rows(DepthwiseWindows& d, const ImageRows& image, int first, int taps, int dilation, int advance);

}  // namespace convforge
