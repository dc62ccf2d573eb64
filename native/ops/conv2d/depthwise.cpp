#include "ops/conv2d/depthwise.h"

#include <algorithm>

namespace convforge {

std::string decline_depthwise(const Conv& conv) {
  if (conv.groups == 1) return "its channels aren't grouped";
  if (!conv.depthwise()) return "its groups have " + std::to_string(conv.group_channels()) + " channels; takes one";
  return {};
}

DepthwiseWindows depthwise_windows(const Conv& conv, int width) {
  DepthwiseWindows d;
  d.width = width;
  d.channels = conv.filters;
  d.w_panel = static_cast<ptrdiff_t>(conv.depth()) * kPanel;
  d.w_row = static_cast<ptrdiff_t>(conv.window.columns) * kPanel;
  d.w_column = kPanel;
  d.columns = conv.window.columns;
  d.first = -conv.window.left;
  d.stride = conv.window.stride_w;
  d.dilation = conv.window.dilation_w;
  d.outputs = conv.window.out_w;
  return d;
}

DepthwiseRow depthwise_row(const Conv& conv) {
  DepthwiseRow d;
  static_cast<DepthwiseWindows&>(d) = depthwise_windows(conv, conv.window.width);
  d.y_column = conv.filters;
  d.relu = conv.activation.clips();
  d.maximum = conv.activation.maximum;
  return d;
}

std::pair<int, int> taps_inside(int first, int taps, int dilation, int height) {
  int begin = 0;
  int end = taps;
  while (begin < end && first + begin * dilation < 0) ++begin;
  while (begin < end && first + (end - 1) * dilation >= height) --end;
  return {begin, end};
}

int set_image_rows(DepthwiseWindows& d, const ImageRows& image, int first, int taps, int dilation, int advance) {
  const auto [begin, end] = taps_inside(first, taps, dilation, image.height);
  d.rows = end - begin;
  d.x = image.x + (d.rows > 0 ? (first + begin * dilation) * image.row : 0);
  d.x_row = dilation * image.row;
  const int next = first + (taps - 1) * dilation + advance;
  d.next_x = next >= 0 && next < image.height ? image.x + next * image.row : nullptr;
  return begin;
}

}  // namespace convforge
