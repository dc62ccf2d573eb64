// Winograd's algorithm for few tiles: a single image or a small batch of small images.
#pragma once

#include "ops/conv2d/winograd.h"

namespace convforge {

// Tiles are transformed by a stage before, and a task computes some of their outputs for some filters. Each sum is the
// same chain of multiply-adds as in Winograd::run, and has the same bits.
//
// The kernel at the points has 4 times the values of a 3x3 kernel. Where few tiles meet them, reading them from memory
// takes longer than the product. So a task transforms its part of a large kernel itself, in cache.
class FewTiles {
 public:
  // `tiles`: the largest number of tiles of all images.
  FewTiles(const Winograd& winograd, size_t tiles);

  // Whether run() takes the kernel itself, and not its values at the points.
  bool transforms() const { return transforms_; }
  // Floats of the tiles' values at the points.
  size_t floats() const { return tiles_.floats(); }
  size_t scratch() const { return tiles_.points() * (sums_point() + (transforms_ ? part_point() : 0)); }

  // The stage that transforms `count` tiles.
  size_t load_tasks(size_t count) const;
  void load(const float* images, size_t count, size_t task, float* values) const;

  // The stage of the products. `kernel` is packed in panels; see transforms(). output(image, filter) returns the
  // epilogue of an image for the filters from `filter` on, and the address of its first output.
  size_t tasks(size_t count) const { return units() * blocks(count); }
  template <typename Output>
  void run(const float* kernel, const float* values, size_t count, size_t task, float* scratch, Output output) const {
    const int filter = static_cast<int>(task / blocks(count)) * unit_;
    const size_t block = task % blocks(count);
    const size_t first = count * block / blocks(count);
    const size_t end = count * (block + 1) / blocks(count);
    multiply(kernel, values + first * tiles_.row(), end - first, filter, scratch);
    for (size_t tile = first; tile < end; ++tile) {
      WinogradOutput o = output(tile / tiles_.tiles(), filter);
      o.points = scratch + (tile - first) * static_cast<size_t>(unit_);
      o.point = static_cast<ptrdiff_t>(sums_point());
      o.channels = std::min(unit_, winograd_.geometry().filters - filter);
      winograd_.output(tile, 0, o);
    }
  }

 private:
  // Tiles of a task at most.
  static constexpr size_t kTaskTiles = 32;
  // Values of the kernel that a task transforms at a time, at most: a part of the second-level cache.
  static constexpr size_t kPartFloats = size_t{36} << 10;

  size_t units() const {
    return ceil_div(static_cast<size_t>(winograd_.geometry().filters), static_cast<size_t>(unit_));
  }
  static size_t blocks(size_t count) { return ceil_div(count, kTaskTiles); }
  // Channels of a part of the kernel.
  int part_channels() const;
  // The sums, [point][tile][unit_], and behind them the part of the kernel, [point][channel][unit_].
  size_t sums_point() const { return odd_lines(std::min(tiles_.block, kTaskTiles) * static_cast<size_t>(unit_)); }
  size_t part_point() const { return odd_lines(static_cast<size_t>(part_channels() * unit_)); }
  void transform(const float* kernel, int filter, int channel, int channels, float* part) const;
  void multiply(const float* kernel, const float* values, size_t count, int filter, float* scratch) const;

  Winograd winograd_;
  WinogradTiles tiles_;
  bool transforms_;
  int unit_;  // filters of a task: a panel, or half of one if there are few
};

}  // namespace convforge
