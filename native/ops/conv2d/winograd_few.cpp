#include "ops/conv2d/winograd_few.h"

#include "targets/dispatch.h"

namespace convforge {
namespace {

// Tiles x channels that a task transforms.
constexpr size_t kLoads = 1024;
// Floats of a kernel at the points that is read from memory: half of a second-level cache.
constexpr size_t kLargeKernel = size_t{1} << 16;
// With fewer panels, a task takes half a panel.
constexpr int kManyPanels = 4;

// A 5x5 kernel takes longer to transform, and has only 2.6 times its values at the points.
bool is_transformed_by_parts(const Winograd& winograd) {
  return winograd.tiles().taps == 3 && winograd.filter_floats() > kLargeKernel;
}

}  // namespace

FewTiles::FewTiles(const Winograd& winograd, size_t tiles)
    : winograd_(winograd),
      tiles_(winograd.tiles()),
      transforms_(is_transformed_by_parts(winograd)),
      unit_(winograd.panels() < kManyPanels ? kPanel / 2 : kPanel) {
  tiles_.block = tiles;
}

int FewTiles::part_channels() const {
  return std::min(static_cast<int>(kPartFloats / tiles_.points()) / unit_, tiles_.channels);
}

size_t FewTiles::load_tasks(size_t count) const {
  return std::clamp(count * static_cast<size_t>(tiles_.channels) / kLoads, size_t{1}, count);
}

void FewTiles::load(const float* images, size_t count, size_t task, float* values) const {
  const size_t first = count * task / load_tasks(count);
  const size_t end = count * (task + 1) / load_tasks(count);
  tiles_.load(images, first, end - first, values + first * tiles_.row());
}

void FewTiles::transform(const float* kernel, int filter, int channel, int channels, float* part) const {
  WinogradFilter f;
  f.cell = static_cast<ptrdiff_t>(tiles_.channels) * kPanel;
  f.point = static_cast<ptrdiff_t>(part_point());
  f.cells = kernel + filter / kPanel * tiles_.taps * tiles_.taps * f.cell + channel * kPanel + filter % kPanel;
  f.points = part;
  // A whole panel's channels are contiguous.
  const int rows = unit_ == kPanel ? 1 : channels;
  f.n = channels * unit_ / rows;
  for (int row = 0; row < rows; ++row, f.cells += kPanel, f.points += unit_) kernels().winograd_filter(tiles_.taps, f);
}

void FewTiles::multiply(const float* kernel, const float* values, size_t count, int filter, float* scratch) const {
  const ptrdiff_t sums = static_cast<ptrdiff_t>(sums_point());
  const ptrdiff_t point = static_cast<ptrdiff_t>(tiles_.point());
  const int points = static_cast<int>(tiles_.points());
  const size_t filters = static_cast<size_t>(winograd_.geometry().filters - filter);
  Gemm g;
  g.m = static_cast<int>(count);
  g.n = std::min(unit_, static_cast<int>(round_up(filters, kLineFloats)));
  g.a = values;
  g.a_row = static_cast<ptrdiff_t>(tiles_.row());
  g.a_depth = 1;
  g.c = scratch;
  g.c_row = unit_;
  if (!transforms_) {
    g.depth = tiles_.channels;
    g.b = kernel + static_cast<size_t>(filter / kPanel) * winograd_.filter_panel() + filter % kPanel;
    g.b_depth = kPanel;
    kernels().gemm_batch(g, points, point, static_cast<ptrdiff_t>(winograd_.filter_point()), sums);
    return;
  }
  float* part = scratch + points * sums;
  g.b = part;
  g.b_depth = unit_;
  for (int channel = 0; channel < tiles_.channels; channel += part_channels()) {
    g.depth = std::min(part_channels(), tiles_.channels - channel);
    transform(kernel, filter, channel, g.depth, part);
    g.a = values + channel;
    kernels().gemm_batch(g, points, point, static_cast<ptrdiff_t>(part_point()), sums);
    g.accumulate = true;
  }
}

}  // namespace convforge
