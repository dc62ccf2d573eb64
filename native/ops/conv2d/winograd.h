// A convolution of stride 1 by Winograd's F(4x4, taps x taps): a tile of 4 x 4 outputs is one product over the channels
// per point (kernels/winograd.inl.h).
#pragma once

#include <algorithm>
#include <string>

#include "kernels/types.h"
#include "ops/conv2d/conv.h"

namespace convforge {

// Outputs of a tile along each axis.
inline constexpr int kTileOutputs = 4;

// Rounds up to an odd number of cache lines, so that consecutive rows fall into different cache sets.
inline size_t odd_lines(size_t floats) { return (ceil_div(floats, kLineFloats) | 1) * kLineFloats; }

inline size_t tiles_along(int outputs) { return ceil_div(static_cast<size_t>(outputs), kTileOutputs); }

// Tiles of images [height][width][channels], one every 4 rows and columns, and their values at the points:
// [point][tile][channels]. Rows are whole cache lines, with a gap between points. Tiles are numbered through all
// images.
struct WinogradTiles {
  void (*transform)(int taps, const WinogradTile& tile) = nullptr;  // a function of kernels()
  int taps = 0;
  int side = 0;  // rows (and columns) of a tile
  int height = 0, width = 0, channels = 0;
  int top = 0, left = 0;  // padding; negative if the first rows are not used
  size_t rows = 0, columns = 0;
  size_t block = 0;  // the largest number of tiles at once

  size_t tiles() const { return rows * columns; }  // tiles of an image
  size_t points() const { return static_cast<size_t>(taps + 3) * (taps + 3); }
  size_t row() const { return round_up(static_cast<size_t>(channels), kLineFloats); }
  size_t point() const { return odd_lines(block * row()); }
  size_t floats() const { return points() * point(); }
  void load(const float* images, size_t first, size_t count, float* values) const;
};

class Winograd {
 public:
  // The sizes of a convolution. It isn't Conv, since an input gradient is a convolution with other sizes.
  struct Geometry {
    int taps = 0;
    int height = 0, width = 0, channels = 0;  // of the input
    int top = 0, left = 0;                    // padding
    int out_h = 0, out_w = 0, filters = 0;
  };

  explicit Winograd(const Geometry& geometry);

  const Geometry& geometry() const { return g_; }
  const WinogradTiles& tiles() const { return tiles_; }
  int panels() const { return static_cast<int>(ceil_div(static_cast<size_t>(g_.filters), kPanel)); }
  int panel_columns(int panel) const { return std::min(kPanel, g_.filters - panel * kPanel); }

  // The kernel at the points: u[panel][point][channels][kPanel], with a gap between points.
  size_t filter_floats() const { return static_cast<size_t>(panels()) * filter_panel(); }
  size_t filter_panel() const { return tiles_.points() * filter_point(); }
  size_t filter_point() const { return odd_lines(static_cast<size_t>(g_.channels) * kPanel); }

  size_t scratch() const { return tiles_.floats() + tiles_.points() * products_point(); }

  // Transforms the products of a tile to outputs. `o` has all but the sizes of its image and the number of rows and
  // columns, and the address of row `first_row` of the tile's image.
  void output(size_t tile, size_t first_row, WinogradOutput o) const;

  // Computes tiles [first, end) of the outputs of `images`. output(image, panel) returns the epilogue of a panel of an
  // image, and the address of its row `first_row` (after pooling). Rows are contiguous.
  template <typename Output>
  void run(const float* images, const float* u, size_t first, size_t end, size_t first_row, float* scratch,
           Output output) const {
    for (; first < end; first += tiles_.block) {
      const size_t count = std::min(tiles_.block, end - first);
      tiles_.load(images, first, count, scratch);
      for (int panel = 0; panel < panels(); ++panel) {
        multiply(u, panel, count, scratch);
        for (size_t i = 0; i < count; ++i)
          store(first + i, i, panel, first_row, output((first + i) / tiles_.tiles(), panel), scratch);
      }
    }
  }

 private:
  size_t products_point() const { return odd_lines(tiles_.block * kPanel); }
  void multiply(const float* u, int panel, size_t count, float* scratch) const;
  void store(size_t tile, size_t slot, int panel, size_t first_row, WinogradOutput o, const float* scratch) const;

  Geometry g_;
  WinogradTiles tiles_;
};

// The geometry of the input gradient, where filters and channels are swapped.
Winograd::Geometry input_gradient_geometry(const Conv& conv);

// Cost of a pass over one image per pair of channel and filter, in multiply-adds, with the transforms.
double winograd_cost(const Winograd::Geometry& pass);

// Why Winograd's algorithm declines a pass of `conv` with this geometry, or an empty string.
std::string winograd_declines(const Conv& conv, const Winograd::Geometry& pass);

// The number of tiles whose values, `floats` each, stay in a part of the L2 cache. It is a multiple of 12, the rows of
// the largest micro-kernel tile.
size_t winograd_block(size_t floats);

}  // namespace convforge
