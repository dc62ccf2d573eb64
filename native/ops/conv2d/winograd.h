// A convolution of stride 1 by Winograd's F(4x4, taps x taps): tiles of 4 x 4 outputs, each a product a point over the
// channels (kernels/winograd.inl.h). Also an input gradient, which is such a convolution of the output's gradient.
#pragma once

#include <string>

#include "kernels/types.h"
#include "ops/conv2d/conv.h"

namespace convforge {

// Why a convolution is none for Winograd, or empty.
std::string winograd_declines(const Conv& conv);

// Rows of so many lines, an odd number, fall into different sets of a cache.
inline size_t odd_lines(size_t floats) { return (ceil_div(floats, kLineFloats) | 1) * kLineFloats; }

class Winograd {
 public:
  // Outputs of a tile along each axis.
  static constexpr int kOutputs = 4;

  struct Geometry {
    int taps = 0;
    int height = 0, width = 0, channels = 0;  // of the input
    int top = 0, left = 0;                    // padding; negative where the input's first rows are not used
    int out_h = 0, out_w = 0, filters = 0;
  };

  explicit Winograd(const Geometry& geometry);

  const Geometry& geometry() const { return g_; }
  size_t points() const { return static_cast<size_t>(g_.taps + 3) * (g_.taps + 3); }
  int panels() const { return (g_.filters + kPanel - 1) / kPanel; }
  int panel_columns(int panel) const {
    return g_.filters - panel * kPanel < kPanel ? g_.filters - panel * kPanel : kPanel;
  }
  size_t tile_rows() const { return tile_rows_; }
  size_t tile_columns() const { return tile_columns_; }
  size_t tiles() const { return tile_rows_ * tile_columns_; }  // of an image

  // The kernel at the points, u[panel][point][channels][kPanel], with a gap between points.
  size_t filter_floats() const { return static_cast<size_t>(panels()) * panel_floats(); }
  const float* filter_panel(const float* u, int panel) const { return u + static_cast<size_t>(panel) * panel_floats(); }
  size_t filter_point() const { return odd_lines(static_cast<size_t>(g_.channels) * kPanel); }

  // Tiles that are worked on at once, at most; they come from one image or many, counted through.
  size_t block() const { return block_; }
  size_t scratch() const { return points() * (v_point_ + m_point_); }
  // Turns the inputs of tiles [first, first + count) of images x into values at the points.
  void load(const float* x, size_t first, size_t count, float* scratch) const;
  // Multiplies them with a panel of the kernel.
  void multiply(const float* u, int panel, size_t count, float* scratch) const;
  // The output of such a tile: `o` comes with what is to be done and where it goes.
  void store(size_t tile, WinogradOutput o, const float* scratch) const;

 private:
  size_t panel_floats() const { return points() * filter_point(); }

  Geometry g_;
  size_t tile_rows_;
  size_t tile_columns_;
  size_t block_ = 0;
  size_t v_row_ = 0;    // floats of a tile's channels
  size_t v_point_ = 0;  // floats of a point's input values...
  size_t m_point_ = 0;  // ...and of its products with a panel
};

}  // namespace convforge
