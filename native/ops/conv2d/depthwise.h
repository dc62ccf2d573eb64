// Shared by the passes of a depthwise convolution. With several filters per channel, the image is copied with each
// channel repeated, [height][width][filters], so that each filter has a channel of its own.
#pragma once

#include <string>
#include <utility>

#include "ops/conv2d/conv.h"

namespace convforge {

std::string decline_depthwise(const Conv& conv);

// The number of filters per channel.
inline int depth_multiplier(const Conv& conv) { return conv.filters / conv.window.channels; }

// The windows of the forward pass over images of `width` columns, with the kernel as it is stored.
DepthwiseWindows depthwise_windows(const Conv& conv, int width);

// A row of the forward pass, without its addresses and bias.
DepthwiseRow depthwise_row(const Conv& conv);

// A depthwise convolution takes about so many times as long per operation as a product.
inline constexpr double kDepthwiseSlowness = 3;

// The kernel rows [first, second) that lie inside an image of `height` rows, if the first of `taps` is at image row
// `first`.
std::pair<int, int> taps_inside(int first, int taps, int dilation, int height);

// The rows of an image, [height][row floats].
struct ImageRows {
  const float* x = nullptr;
  ptrdiff_t row = 0;
  int height = 0;
};

// Sets the image rows under `taps` kernel rows: kernel row i lies at image row first + i * dilation. Skips kernel rows
// outside the image, and returns the first one inside. The next windows to compute are `advance` rows further down.
int set_image_rows(DepthwiseWindows& d, const ImageRows& image, int first, int taps, int dilation, int advance);

}  // namespace convforge
